"""The complete file of a case as one PDF with its documents, which anyone who holds it can check at ``/verify``."""
