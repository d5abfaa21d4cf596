"""Which classes a user teaches (rule P4)."""

from django.db.models import Exists, OuterRef

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import User
from breathecode.events.domain.queries import taught_by
from breathecode.events.domain.staffing.substitutes import teachers_of_class
from breathecode.events.models import LiveClass


def taught(user):
    return set(LiveClass.objects.filter(taught_by(user.pk)).values_list("pk", flat=True))


def test_a_teacher_teaches_the_classes_without_a_substitute(world, make_class):
    """P4: the substitute has the class instead of the cohort's teachers; students and assistants teach none."""
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger, role=CohortUser.Role.ASSISTANT)
    own, substituted = make_class(start=5), make_class(start=9, teacher=world.admin)
    assert taught(world.teacher) == {own.pk}
    assert taught(world.admin) == {substituted.pk}
    assert taught(world.student) == taught(world.stranger) == set()


def test_a_teacher_who_is_also_the_substitute_or_has_a_second_role(world, make_class):
    """P4: the class is theirs once."""
    CohortUser.objects.create(cohort=world.cohort, user=world.teacher, role=CohortUser.Role.ASSISTANT)
    own, named = make_class(start=5), make_class(start=9, teacher=world.teacher)
    found = LiveClass.objects.filter(taught_by(world.teacher.pk)).order_by("starting_at")
    assert list(found) == [own, named]


def test_it_agrees_with_the_reverse_question(world, make_class):
    """P4: a user teaches a class exactly if they are among its teachers, by id and in a subquery."""
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger, role=CohortUser.Role.TEACHER)
    classes = [make_class(start=5), make_class(start=9, teacher=world.admin), make_class(start=13)]
    teachers = {user_id for live_class in classes for user_id in teachers_of_class(live_class)}
    for user in User.objects.all():
        assert taught(user) == {row.pk for row in classes if user.pk in teachers_of_class(row)}
    in_subquery = User.objects.filter(Exists(LiveClass.objects.filter(taught_by(OuterRef("pk")))))
    assert set(in_subquery.values_list("pk", flat=True)) == teachers
