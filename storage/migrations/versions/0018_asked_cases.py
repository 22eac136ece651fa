"""How many teachers have a question of support to answer is counted without reading every case there ever was"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ASKED = sa.text("state = 'asked'")


def upgrade() -> None:
    op.create_index("ix_cases_asked", "cases", ["country"], sqlite_where=_ASKED, postgresql_where=_ASKED)


def downgrade() -> None:
    op.drop_index("ix_cases_asked", table_name="cases")
