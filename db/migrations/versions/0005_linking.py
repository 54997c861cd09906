"""linking"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_code",
        sa.Column("code_mark", sa.String(length=40), nullable=False),
        sa.Column("person_id", db.types.BigId, nullable=False),
        sa.Column("expires_at", db.types.Moment(), nullable=False),
        sa.Column("used_at", db.types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_link_code_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_mark", name=op.f("pk_link_code")),
    )
    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "link_try",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("identity_id", db.types.BigId, nullable=False),
        sa.Column("tried_at", db.types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_link_try_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_try")),
    )
    with op.batch_alter_table("link_try", schema=None) as batch_op:
        batch_op.create_index("ix_link_try_identity_id_tried_at", ["identity_id", "tried_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("link_try", schema=None) as batch_op:
        batch_op.drop_index("ix_link_try_identity_id_tried_at")

    op.drop_table("link_try")
    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_code_person_id"))

    op.drop_table("link_code")
