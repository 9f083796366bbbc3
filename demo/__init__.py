"""`make demo`: what petiole does, shown on a private `mongod` with real data. Not a part of the package."""
