from breathecode.schedules.management.commands._build import BuildCommand


class Command(BuildCommand):
    only_moves = True
    help = (
        "Moves the upcoming classes of every time slot back to their scheduled times; ids and links stay the same. "
        "Creates and deletes no classes. Past, started, cancelled, moved and manual classes are left unchanged."
    )
