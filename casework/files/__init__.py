"""Attachments: taken in, sealed by their SHA-256, served to those who may see their case."""
