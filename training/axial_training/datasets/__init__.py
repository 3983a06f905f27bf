"""Reading labelled images and dividing them into splits."""
