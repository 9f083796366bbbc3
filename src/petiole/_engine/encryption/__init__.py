"""Client-side encryption: libmongocrypt's state machine, run on the driver's own runtimes."""
