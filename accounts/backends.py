"""Who somebody is: the person and the brands and teams that are theirs, in one query. Every page begins with it."""

from collections.abc import Iterable

from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.models import Brand, Membership, User

BRANDS = ArraySubquery(Brand.objects.filter(teams__members=OuterRef("pk")).order_by().values("id"))
TEAMS = ArraySubquery(Membership.objects.filter(user=OuterRef("pk")).order_by().values("team"))


class PersonBackend(ModelBackend):
    """Passwords and people as Django knows them; whoever is asked for by number comes with brands and teams."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session; None for whoever may not come in any more."""
        return self.people([user_id]).get(int(user_id))

    def people(self, user_ids: Iterable[int]) -> dict[int, User]:
        """Those of these who may come in, by number."""
        found: dict[int, User] = {}
        for person in User.objects.filter(pk__in=list(user_ids)).annotate(of_brands=BRANDS, of_teams=TEAMS):
            # Where User.brand_ids and User.team_ids keep their answers.
            vars(person)["brand_ids"] = frozenset(vars(person).pop("of_brands"))
            vars(person)["team_ids"] = frozenset(vars(person).pop("of_teams"))
            if self.user_can_authenticate(person):
                found[person.pk] = person
        return found
