"""What PyMongo 1.x and 2.x had in common, and 3.x no more: what `Connection` and its kin are made of."""
