"""Server discovery, monitoring decisions and server selection as functions from values to values.

Owns: what a server is (`server`), what a deployment is (`topology`), how one changes the other
(`transitions`), what an error means for both (`errors`), which servers suit an operation (`selection`) or why
none does (`failure`), when to check next (`schedule`), and which events a change publishes (`events`).

May not: do I/O, read a clock, take a lock or draw a random number. Times, topology identifiers and random
draws are arguments. Nothing here keeps state: the engine holds the current `TopologyDescription` behind one
reference.

Follows: Server Discovery and Monitoring, Server Monitoring, Server Selection, Max Staleness, and Polling SRV
Records, of the MongoDB driver specifications.
"""
