"""What each model family is trained on, with which network and schedule."""
