"""what platforms tell of notices before their rows are written; files that people fetch by a link"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_file",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("address_mark", sa.String(length=40), nullable=False),
        sa.Column("content_mark", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", db.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_file")),
        sa.UniqueConstraint(
            "address_mark", "content_mark", name=op.f("uq_wechat_file_address_mark_content_mark")
        ),
    )
    with op.batch_alter_table("wechat_file", schema=None) as batch_op:
        batch_op.create_index("ix_wechat_file_kept_until", ["kept_until"], unique=False)

    op.create_table(
        "early_arrival",
        sa.Column("identity_id", db.types.BigId, nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("arrival", sa.String(length=24), nullable=False),
        sa.Column("told_at", db.types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_early_arrival_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("identity_id", "message_id", name=op.f("pk_early_arrival")),
    )


def downgrade() -> None:
    op.drop_table("early_arrival")
    with op.batch_alter_table("wechat_file", schema=None) as batch_op:
        batch_op.drop_index("ix_wechat_file_kept_until")

    op.drop_table("wechat_file")
