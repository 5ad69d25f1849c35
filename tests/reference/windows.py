"""Windows over a context, one example and one window at a time."""


def windows(question, context, max_length, stride, max_question, cls_id, sep_id, overlap=1):
    """Rows of (token ids, segment ids, first, begin, length)."""
    head, second = [cls_id], 0
    if question is not None:
        head += [*list(question)[: min(max_question, max_length - 4)], sep_id]
        second = 1
    room = max_length - 1 - len(head)
    step, first, rows = max(1, min(stride, max(room - overlap, (room + 1) // 2))), 0, []
    while True:
        part = list(context)[first : first + room]
        segments = [0] * len(head) + [second] * (len(part) + 1)
        rows.append(([*head, *part, sep_id], segments, first, len(head), len(part)))
        if first + room >= len(context):
            return rows
        first += step
