"""Automatic encryption and decryption. It is imported only for clients that have `auto_encryption_opts`."""
