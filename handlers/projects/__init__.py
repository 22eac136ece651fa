"""/project and /projects: what partner schools do together, from a proposal to its end; support looks it up."""

from handlers.projects.flow import project, projects_
from handlers.projects.looked_up import schoolprojects
from handlers.projects.upkeep import project_chore, project_chore_for

__all__ = ["project", "project_chore", "project_chore_for", "projects_", "schoolprojects"]
