"""What carries out decisions: topology and its monitors, sessions, cursors, and the executor of commands."""
