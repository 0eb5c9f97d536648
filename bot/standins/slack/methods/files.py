"""Methods `files.*`: ask for a place to upload, then share what was uploaded."""

from bot.standins.slack.call import Call
from bot.standins.slack.errors import SlackError
from bot.standins.slack.model import Channel, File, Json
from bot.standins.slack.shown import file_json


def get_upload_url(call: Call) -> Json:
    name, length = call.args.need("filename"), call.args.number("length", default=0)
    if length > call.limits.file_bytes:
        code = "file_upload_size_restricted"
        raise SlackError(code)
    file = File(id=call.workspace.new_id("F"), name=name, length=length)
    call.workspace.files[file.id] = file
    return {"ok": True, "upload_url": f"{call.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    files = _uploaded(call)
    if call.args.has("channel_id"):
        _share(call, _destination(call), files)
    return {"ok": True, "files": [file_json(call.workspace, file) for file in files]}


def _uploaded(call: Call) -> list[File]:
    given = call.args.structure("files", refusal="invalid_arguments")
    if not isinstance(given, list) or not given:
        code = "invalid_arguments"
        raise SlackError(code)
    files = []
    for each in given:
        file = call.workspace.files.get(str(each.get("id")))
        if file is None or file.content is None:
            code = "file_not_found"
            raise SlackError(code)
        file.title = str(each.get("title") or file.title)
        files.append(file)
    return files


def _destination(call: Call) -> Channel:
    if call.args.text("channel_id") in call.workspace.users:
        # Posting takes a person's id, sharing does not: it wants their direct messages.
        code = "invalid_channel"
        raise SlackError(code)
    channel = call.channel("channel_id")
    if channel.archived:
        code = "is_archived"
        raise SlackError(code)
    if not call.workspace.is_member(channel):
        code = "not_in_channel"
        raise SlackError(code)
    return channel


def _share(call: Call, channel: Channel, files: list[File]) -> None:
    thread = call.args.text("thread_ts") or None
    if thread and channel.message(thread) is None:
        code = "thread_not_found"
        raise SlackError(code)
    text, blocks = call.args.text("initial_comment"), call.blocks()
    message = call.workspace.from_app(
        channel, text=text, blocks=blocks, files=files, thread_ts=thread
    )
    call.workspace.post(message)
    for file in files:
        file.shared_in.append(channel.id)
