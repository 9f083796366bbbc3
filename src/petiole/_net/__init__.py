"""Connections: how they are made, kept in pools, and handed out."""
