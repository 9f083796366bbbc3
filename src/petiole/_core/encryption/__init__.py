"""Client-side encryption: the key vault, and what `ClientEncryption` does."""
