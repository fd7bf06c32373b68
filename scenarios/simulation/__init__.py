"""A simulation of a year of trains: more than can be kept, so that what is over is counted and let go."""
