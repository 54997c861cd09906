"""delivery"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_pause",
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("paused_at", db.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("reason", "subject", name=op.f("pk_delivery_pause")),
    )
    op.create_table(
        "notice",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("sealed_message", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", db.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("identity_id", db.types.BigId, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("notice_id", db.types.BigId, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("due_at", db.types.Moment(), nullable=False),
        sa.Column("useful_until", db.types.Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=40), nullable=False),
        sa.Column("settled_at", db.types.Moment(), nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_delivery_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "reason", "subject", "identity_id", name=op.f("uq_delivery_reason_subject_identity_id")
        ),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_channel_status_due_at", ["channel", "status", "due_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_delivery_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(
            "ix_delivery_reason_subject_status", ["reason", "subject", "status"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_reason_subject_status")
        batch_op.drop_index(batch_op.f("ix_delivery_notice_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_identity_id"))
        batch_op.drop_index("ix_delivery_channel_status_due_at")

    op.drop_table("delivery")
    op.drop_table("notice")
    op.drop_table("delivery_pause")
