"""What is sent a second time, and which error is raised when that fails too: pure decisions."""
