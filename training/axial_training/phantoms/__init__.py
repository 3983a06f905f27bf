"""Generated images with known lesions. They look like anatomy only from afar and prove plumbing, not medicine."""
