"""booking"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booking_cycle",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("nominal_on", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("opens_at", db.types.Moment(), nullable=False),
        sa.Column("days", db.types.Json, nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("unsettled", db.types.Json, nullable=False),
        sa.Column("drawn_from", sa.String(length=64), nullable=False),
        sa.Column("told_at", db.types.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_cycle")),
        sa.UniqueConstraint("nominal_on", name=op.f("uq_booking_cycle_nominal_on")),
    )
    with op.batch_alter_table("booking_cycle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_cycle_opens_at"), ["opens_at"], unique=False)

    op.create_table(
        "calendar_notice",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("imported_at", db.types.Moment(), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.Column("years", db.types.Json, nullable=False),
        sa.Column("days", db.types.Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_notice")),
    )
    op.create_table(
        "route_day",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("cycle_id", db.types.BigId, nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.CheckConstraint("booked BETWEEN 0 AND capacity", name=op.f("ck_route_day_booked")),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["booking_cycle.id"], name=op.f("fk_route_day_cycle_id_booking_cycle")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_day")),
        sa.UniqueConstraint("cycle_id", "place", "day", name=op.f("uq_route_day_cycle_id_place_day")),
    )
    op.create_table(
        "waitlist_entry",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("person_id", db.types.BigId, nullable=True),
        sa.Column("service", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("joined_at", db.types.Moment(), nullable=False),
        sa.Column("settled_at", db.types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_waitlist_entry_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entry")),
    )
    with op.batch_alter_table("waitlist_entry", schema=None) as batch_op:
        batch_op.create_index("ix_waitlist_entry_line", ["service", "day", "status", "id"], unique=False)
        batch_op.create_index(
            "uq_waitlist_entry_live",
            ["person_id", "service", "day"],
            unique=True,
            sqlite_where=sa.text("status IN ('waiting', 'offered')"),
            postgresql_where=sa.text("status IN ('waiting', 'offered')"),
        )

    op.create_table(
        "slot",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("cycle_id", db.types.BigId, nullable=False),
        sa.Column("route_day_id", db.types.BigId, nullable=True),
        sa.Column("service", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", db.types.Moment(), nullable=False),
        sa.Column("ends_at", db.types.Moment(), nullable=False),
        sa.Column("opens_at", db.types.Moment(), nullable=True),
        sa.Column("book_until", db.types.Moment(), nullable=False),
        sa.Column("change_until", db.types.Moment(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.Column("closed_at", db.types.Moment(), nullable=True),
        sa.CheckConstraint("booked BETWEEN 0 AND capacity", name=op.f("ck_slot_booked")),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["booking_cycle.id"], name=op.f("fk_slot_cycle_id_booking_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["route_day_id"], ["route_day.id"], name=op.f("fk_slot_route_day_id_route_day")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("service", "place", "starts_at", name=op.f("uq_slot_service_place_starts_at")),
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_cycle_id"), ["cycle_id"], unique=False)
        batch_op.create_index("ix_slot_service_day", ["service", "day"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("person_id", db.types.BigId, nullable=True),
        sa.Column("slot_id", db.types.BigId, nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("tier_confirmed", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("booked_at", db.types.Moment(), nullable=False),
        sa.Column("consented_at", db.types.Moment(), nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_lacking", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_card_number", sa.LargeBinary(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appointment_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_appointment_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("code", name=op.f("uq_appointment_code")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_appointment_slot_id", ["slot_id"], unique=False)
        batch_op.create_index("ix_appointment_status_issued_on", ["status", "issued_on"], unique=False)
        batch_op.create_index(
            "uq_appointment_open",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('booked', 'checked_in')"),
            postgresql_where=sa.text("status IN ('booked', 'checked_in')"),
        )

    op.create_table(
        "hold",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("person_id", db.types.BigId, nullable=True),
        sa.Column("slot_id", db.types.BigId, nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("held_at", db.types.Moment(), nullable=False),
        sa.Column("expires_at", db.types.Moment(), nullable=False),
        sa.Column("settled_at", db.types.Moment(), nullable=True),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hold_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_hold_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index("ix_hold_slot_id", ["slot_id"], unique=False)
        batch_op.create_index("ix_hold_status_expires_at", ["status", "expires_at"], unique=False)
        batch_op.create_index(
            "uq_hold_live",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("status = 'live'"),
            postgresql_where=sa.text("status = 'live'"),
        )

    op.create_table(
        "offer",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("entry_id", db.types.BigId, nullable=False),
        sa.Column("slot_id", db.types.BigId, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("offered_at", db.types.Moment(), nullable=False),
        sa.Column("expires_at", db.types.Moment(), nullable=False),
        sa.Column("settled_at", db.types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["waitlist_entry.id"], name=op.f("fk_offer_entry_id_waitlist_entry")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_offer_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index("ix_offer_slot_id", ["slot_id"], unique=False)
        batch_op.create_index("ix_offer_status_expires_at", ["status", "expires_at"], unique=False)
        batch_op.create_index(
            "uq_offer_open",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "appointment_event",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("appointment_id", db.types.BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", db.types.Moment(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("happened", sa.String(length=24), nullable=False),
        sa.Column("slot_id", db.types.BigId, nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_appointment_event_appointment_id_appointment"),
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_appointment_event_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_event")),
        sa.UniqueConstraint(
            "appointment_id", "version", name=op.f("uq_appointment_event_appointment_id_version")
        ),
    )
    op.create_table(
        "reminder",
        sa.Column("id", db.types.BigId, nullable=False),
        sa.Column("appointment_id", db.types.BigId, nullable=False),
        sa.Column("slot_id", db.types.BigId, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("due_at", db.types.Moment(), nullable=False),
        sa.Column("useful_until", db.types.Moment(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_reminder_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_reminder_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "appointment_id", "slot_id", "kind", name=op.f("uq_reminder_appointment_id_slot_id_kind")
        ),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index("ix_reminder_status_due_at", ["status", "due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index("ix_reminder_status_due_at")

    op.drop_table("reminder")
    op.drop_table("appointment_event")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_offer_open",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index("ix_offer_status_expires_at")
        batch_op.drop_index("ix_offer_slot_id")

    op.drop_table("offer")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hold_live",
            sqlite_where=sa.text("status = 'live'"),
            postgresql_where=sa.text("status = 'live'"),
        )
        batch_op.drop_index("ix_hold_status_expires_at")
        batch_op.drop_index("ix_hold_slot_id")

    op.drop_table("hold")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_appointment_open",
            sqlite_where=sa.text("status IN ('booked', 'checked_in')"),
            postgresql_where=sa.text("status IN ('booked', 'checked_in')"),
        )
        batch_op.drop_index("ix_appointment_status_issued_on")
        batch_op.drop_index("ix_appointment_slot_id")
        batch_op.drop_index("ix_appointment_person_id")

    op.drop_table("appointment")
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.drop_index("ix_slot_service_day")
        batch_op.drop_index(batch_op.f("ix_slot_cycle_id"))

    op.drop_table("slot")
    with op.batch_alter_table("waitlist_entry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_waitlist_entry_live",
            sqlite_where=sa.text("status IN ('waiting', 'offered')"),
            postgresql_where=sa.text("status IN ('waiting', 'offered')"),
        )
        batch_op.drop_index("ix_waitlist_entry_line")

    op.drop_table("waitlist_entry")
    op.drop_table("route_day")
    op.drop_table("calendar_notice")
    with op.batch_alter_table("booking_cycle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_cycle_opens_at"))

    op.drop_table("booking_cycle")
