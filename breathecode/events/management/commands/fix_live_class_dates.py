from breathecode.events.management.commands._build import BuildCommand


class Command(BuildCommand):
    only_moves = True
    help = (
        "Puts the coming classes of every time slot back to the hours that its schedule says, in place: same id, "
        "same link. Makes and deletes none, and leaves past, started, cancelled, moved and manual classes alone."
    )
