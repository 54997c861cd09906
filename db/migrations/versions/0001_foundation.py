"""foundation"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", db.types.BigId, autoincrement=False, nullable=False),
        sa.Column("at", db.types.Moment(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("details", db.types.Json, nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", db.types.BigId, nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "document",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("added_at", db.types.Moment(), nullable=False),
        sa.Column("published_at", db.types.Moment(), nullable=True),
        sa.Column("withdrawn_at", db.types.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_content_hash"), ["content_hash"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("created_at", db.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "clause",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("document_id", db.types.BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("headings", db.types.Json, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("deadline", sa.String(length=200), nullable=False),
        sa.Column("units", db.types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_clause_document_id_document"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause")),
        sa.UniqueConstraint("document_id", "position", name=op.f("uq_clause_document_id_position")),
    )
    op.create_table(
        "identity",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("person_id", db.types.BigId, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address_mark", sa.String(length=40), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("created_at", db.types.Moment(), nullable=False),
        sa.Column("left_at", db.types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_identity_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("channel", "address_mark", name=op.f("uq_identity_channel_address_mark")),
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_person_id"), ["person_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("person_id", db.types.BigId, nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("asked_at", db.types.Moment(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("labels", db.types.Json, nullable=False),
        sa.Column("rating", sa.String(length=16), nullable=False),
        sa.Column("rating_reason", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_question_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index("ix_question_outcome_asked_at", ["outcome", "asked_at"], unique=False)
        batch_op.create_index("ix_question_person_id", ["person_id"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("person_id", db.types.BigId, nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("given_at", db.types.Moment(), nullable=False),
        sa.Column("withdrawn_at", db.types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_subscription_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("ix_subscription_topic_person_id", ["topic", "person_id"], unique=False)
        batch_op.create_index(
            "uq_subscription_open",
            ["person_id", "topic"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "conversation",
        sa.Column("identity_id", db.types.BigId, nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("sealed_state", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", db.types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_conversation_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_conversation")),
    )
    op.create_table(
        "handoff",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("identity_id", db.types.BigId, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("asked_at", db.types.Moment(), nullable=False),
        sa.Column("sealed_about", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_handoff_identity_id_identity"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
    )
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handoff_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index("ix_handoff_status_asked_at", ["status", "asked_at"], unique=False)

    op.create_table(
        "pushed_message",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("identity_id", db.types.BigId, nullable=False),
        sa.Column("pushed_at", db.types.Moment(), nullable=False),
        sa.Column("sealed_message", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_pushed_message_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushed_message")),
    )
    with op.batch_alter_table("pushed_message", schema=None) as batch_op:
        batch_op.create_index("ix_pushed_message_identity_id_id", ["identity_id", "id"], unique=False)

    op.create_table(
        "seen_update",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("identity_id", db.types.BigId, nullable=False),
        sa.Column("update_id", sa.String(length=80), nullable=False),
        sa.Column("received_at", db.types.Moment(), nullable=False),
        sa.Column("sealed_turn", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_seen_update_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seen_update")),
        sa.UniqueConstraint("identity_id", "update_id", name=op.f("uq_seen_update_identity_id_update_id")),
    )
    with op.batch_alter_table("seen_update", schema=None) as batch_op:
        batch_op.create_index("ix_seen_update_received_at", ["received_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("seen_update", schema=None) as batch_op:
        batch_op.drop_index("ix_seen_update_received_at")

    op.drop_table("seen_update")
    with op.batch_alter_table("pushed_message", schema=None) as batch_op:
        batch_op.drop_index("ix_pushed_message_identity_id_id")

    op.drop_table("pushed_message")
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.drop_index("ix_handoff_status_asked_at")
        batch_op.drop_index(batch_op.f("ix_handoff_identity_id"))

    op.drop_table("handoff")
    op.drop_table("conversation")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_subscription_open",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index("ix_subscription_topic_person_id")

    op.drop_table("subscription")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index("ix_question_person_id")
        batch_op.drop_index("ix_question_outcome_asked_at")

    op.drop_table("question")
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_person_id"))

    op.drop_table("identity")
    op.drop_table("clause")
    op.drop_table("person")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_content_hash"))

    op.drop_table("document")
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
