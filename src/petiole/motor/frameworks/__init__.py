"""What differs between the two frameworks: which loop is current, and what it is called."""
