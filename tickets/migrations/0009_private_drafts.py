from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0008_policies_for_incidents"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="private",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
