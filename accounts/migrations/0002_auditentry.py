"""The record of changes, and the trigger that keeps it a record."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A person who is deleted leaves their lines, which then name nobody by id; nothing else about a line may change.
KEEP = """
CREATE FUNCTION accounts_auditentry_keep() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL AND (to_jsonb(NEW) - 'actor_id') = (to_jsonb(OLD) - 'actor_id') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit record is append-only';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER accounts_auditentry_keep BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_auditentry_keep();
"""
FREE = """
DROP TRIGGER accounts_auditentry_keep ON accounts_auditentry;
DROP FUNCTION accounts_auditentry_keep();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_name", models.CharField(blank=True, max_length=120)),
                ("verb", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=40)),
                ("subject_id", models.BigIntegerField()),
                ("subject_name", models.CharField(max_length=255)),
                ("data", models.JSONField(blank=True, default=dict)),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["kind", "subject_id", "-id"], name="audit_subject")],
            },
        ),
        migrations.RunSQL(KEEP, FREE),
    ]
