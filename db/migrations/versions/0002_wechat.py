"""wechat"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_token",
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("good_until", db.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_wechat_token")),
    )
    op.create_table(
        "wechat_waiting",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("address_mark", sa.String(length=40), nullable=False),
        sa.Column("update_id", sa.String(length=80), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("carried_by", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", db.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_waiting")),
        sa.UniqueConstraint(
            "address_mark", "update_id", "piece", name=op.f("uq_wechat_waiting_address_mark_update_id_piece")
        ),
    )
    with op.batch_alter_table("wechat_waiting", schema=None) as batch_op:
        batch_op.create_index("ix_wechat_waiting_status_changed_at", ["status", "changed_at"], unique=False)

    op.create_table(
        "wechat_window",
        sa.Column("address_mark", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("ends_at", db.types.Moment(), nullable=False),
        sa.Column("messages_left", sa.Integer(), nullable=False),
        sa.CheckConstraint("messages_left >= 0", name=op.f("ck_wechat_window_left")),
        sa.PrimaryKeyConstraint("address_mark", "kind", name=op.f("pk_wechat_window")),
    )
    with op.batch_alter_table("wechat_window", schema=None) as batch_op:
        batch_op.create_index("ix_wechat_window_ends_at", ["ends_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("wechat_window", schema=None) as batch_op:
        batch_op.drop_index("ix_wechat_window_ends_at")

    op.drop_table("wechat_window")
    with op.batch_alter_table("wechat_waiting", schema=None) as batch_op:
        batch_op.drop_index("ix_wechat_waiting_status_changed_at")

    op.drop_table("wechat_waiting")
    op.drop_table("wechat_token")
