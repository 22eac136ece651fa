"""/partners: who would be a good partner school, and why."""

from handlers.partners.flow import partners

__all__ = ["partners"]
