"""Reports: what somebody shows to support, and what support makes of it."""

from handlers.reports.making import report
from handlers.reports.reading import reports_

__all__ = ["report", "reports_"]
