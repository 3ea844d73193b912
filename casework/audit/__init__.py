"""The event chains: one a case and one for security. What happened, once, in order, hard to bend.

``record`` writes an entry in the transaction of the change; ``timeline`` reads a chain; ``verify`` proves it.
"""

from casework.audit.service import record, record_all, record_each
from casework.audit.vocabulary import Fact

__all__ = ["Fact", "record", "record_all", "record_each"]
