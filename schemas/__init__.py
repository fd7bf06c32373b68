"""The published contract: XSDs, code lists, sample messages."""
