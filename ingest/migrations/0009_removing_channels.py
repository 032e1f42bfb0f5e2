"""Channels that are removed, or are being erased, keep their row; their name is free for another."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0008_pictures")]

    operations = [
        migrations.AlterField(
            model_name="channel",
            name="state",
            field=models.CharField(
                choices=[
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("broken", "Needs attention"),
                    ("removed", "Removed"),
                    ("erasing", "Being erased"),
                ],
                default="active",
                max_length=8,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="channel",
            name="name",
            field=models.CharField(max_length=120, verbose_name="name"),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["removed", "erasing"]), _negated=True),
                fields=("name",),
                name="channel_name_once",
            ),
        ),
        migrations.AddIndex(
            model_name="channel",
            index=models.Index(fields=["id"], name="channel_erasing", condition=models.Q(state="erasing")),
        ),
    ]
