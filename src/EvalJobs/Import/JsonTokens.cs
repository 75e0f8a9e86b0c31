using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Walks a JSON file token by token, holding no more of it than the value at hand.</summary>
internal sealed class JsonTokens(ImportStream stream, FilePlace file)
{
    private byte[] _buffer = new byte[65_536];
    private int _start;
    private int _end;
    private bool _isEnd;

    // The state before the current token and after it: a value is read by going back to where its first token began.
    private JsonReaderState _before;
    private JsonReaderState _after;
    private int _tokenStart;
    private int _tokenEnd;
    private long _lineAtStart = 1;

    /// <summary>The current token; <see cref="JsonTokenType.None"/> before the first and after the last.</summary>
    public JsonTokenType Type { get; private set; }

    /// <summary>The current property's name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Where the current token begins.</summary>
    public FilePlace Place => file.At(_lineAtStart + LineEnds(_start, _tokenStart));

    /// <summary>Goes to the next token.</summary>
    /// <returns>False at the end of the file.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _lineAtStart += LineEnds(_start, _tokenEnd);
        _start = _tokenStart = _tokenEnd;
        _before = _after;

        while (!TryRead())
        {
            if (_isEnd)
                return false;
            await FillAsync(cancellationToken);
        }
        return true;
    }

    /// <summary>Goes to the last token of the current value.</summary>
    public async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        var depth = 0;
        do
        {
            if (Type is JsonTokenType.StartObject or JsonTokenType.StartArray)
                depth++;
            else if (Type is JsonTokenType.EndObject or JsonTokenType.EndArray)
                depth--;
        }
        while (depth > 0 && await ReadAsync(cancellationToken));
    }

    /// <summary>Reads the current value whole.</summary>
    public async ValueTask<JsonElement> ReadValueAsync(CancellationToken cancellationToken)
    {
        while (!TrySkip())
            await FillAsync(cancellationToken);

        var value = _buffer.AsSpan(_tokenStart, _tokenEnd - _tokenStart);
        return value.Length > ImportLimits.MaxCaseBytes ? throw TooLong() : JsonText.Parse(value, Place);
    }

    private bool TryRead()
    {
        // Utf8JsonReader answers an empty file with an error of its own; ours is kinder.
        if (_isEnd && Type == JsonTokenType.None && !_buffer.AsSpan(_start, _end - _start).ContainsAnyExcept(" \t\r\n"u8))
            return false;

        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isEnd, _before);
        try
        {
            if (!reader.Read())
            {
                if (_isEnd)
                    Type = JsonTokenType.None;
                return false;
            }
            Type = reader.TokenType;
            Name = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString()! : "";
        }
        catch (JsonException error)
        {
            throw Malformed(error);
        }
        catch (InvalidOperationException error)
        {
            _tokenStart = _start + (int)reader.TokenStartIndex;
            throw Place.Error("not valid JSON: a key holds half of a surrogate pair.", inner: error);
        }

        Remember(reader, (int)reader.TokenStartIndex);
        return true;
    }

    private bool TrySkip()
    {
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isEnd, _before);
        try
        {
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (!reader.TrySkip())
                return false;
            Remember(reader, start);
            return true;
        }
        catch (JsonException error)
        {
            throw Malformed(error);
        }
    }

    private void Remember(Utf8JsonReader reader, int tokenStart)
    {
        _tokenStart = _start + tokenStart;
        _tokenEnd = _start + (int)reader.BytesConsumed;
        _after = reader.CurrentState;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _tokenStart -= _start;
            _tokenEnd -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
        {
            if (_end >= 2 * ImportLimits.MaxCaseBytes)
                throw TooLong();
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        // Filling up before the next try keeps the tries few: each one starts the value again.
        var free = _buffer.AsMemory(_end);
        var count = await stream.ReadAtLeastAsync(free, Math.Min(free.Length, _end + 1), throwOnEndOfStream: false, cancellationToken);
        _end += count;
        _isEnd = count == 0;
    }

    private int LineEnds(int from, int to) => _buffer.AsSpan(from, to - from).Count((byte)'\n');

    private InvalidInputException TooLong() => Place.Error("a value is longer than 4 MiB.");

    private InvalidInputException Malformed(JsonException error) => file.At((error.LineNumber ?? 0) + 1).JsonError(error, JsonText.HasTrailingComma(_buffer.AsSpan(_start, _end - _start)));
}
