"""One customs service: what it decides, and the HTTP service around it."""
