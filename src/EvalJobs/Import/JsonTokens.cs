using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Reads a JSON file token by token, with only the current value in memory.</summary>
internal sealed class JsonTokens(ImportStream stream, FilePlace file)
{
    // The depth is limited here and where the values are parsed, so that the error is in this program's words.
    private static readonly JsonReaderState Unlimited = new(new JsonReaderOptions { MaxDepth = int.MaxValue });

    private byte[] _buffer = new byte[65_536];
    private int _start;
    private int _end;
    private bool _isEnd;

    // The state before the current token, and after it. To read a value, the reader returns to the start of the value's first token.
    private JsonReaderState _before = Unlimited;
    private JsonReaderState _after = Unlimited;
    private int _tokenStart;
    private int _tokenEnd;
    private long _lineAtStart = 1;

    // The length of that line before the start, for the parser's positions and for messages.
    private int _bytesBeforeStart;
    private int _charactersBeforeStart;

    /// <summary>The current token; <see cref="JsonTokenType.None"/> before the first and after the last.</summary>
    public JsonTokenType Type { get; private set; }

    /// <summary>The current property's name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The place at which the current token begins.</summary>
    public FilePlace Place => file.At(_lineAtStart + LineEnds(_start, _tokenStart));

    /// <summary>Moves to the next token.</summary>
    /// <returns>False at the end of the file.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        Pass(_buffer.AsSpan(_start, _tokenEnd - _start));
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

    /// <summary>Moves to the last token of the current value.</summary>
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

    /// <summary>Reads the whole current value.</summary>
    public async ValueTask<JsonElement> ReadValueAsync(CancellationToken cancellationToken)
    {
        while (!TrySkip())
            await FillAsync(cancellationToken);

        var value = _buffer.AsSpan(_tokenStart, _tokenEnd - _tokenStart);
        return value.Length > ImportLimits.MaxCaseBytes ? throw TooLong() : JsonText.Parse(value, Place);
    }

    private bool TryRead()
    {
        // For an empty file Utf8JsonReader throws an error of its own; this message is clearer.
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
            if (Type is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= CanonicalJson.MaxDepth)
                throw file.At(_lineAtStart + LineEnds(_start, _start + (int)reader.TokenStartIndex)).Error($"{JsonErrorText.TooDeep}.");
        }
        catch (JsonException error)
        {
            throw Malformed(error);
        }
        catch (InvalidOperationException error)
        {
            _tokenStart = _start + (int)reader.TokenStartIndex;
            throw Place.Error("not valid JSON: a key contains half of a surrogate pair.", inner: error);
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

        // The buffer is filled before the next try, because each try reads the value again from its start.
        var free = _buffer.AsMemory(_end);
        var count = await stream.ReadAtLeastAsync(free, Math.Min(free.Length, _end + 1), throwOnEndOfStream: false, cancellationToken);
        _end += count;
        _isEnd = count == 0;
    }

    private void Pass(ReadOnlySpan<byte> read)
    {
        var lineEnd = read.LastIndexOf((byte)'\n');
        if (lineEnd >= 0)
        {
            _lineAtStart += read.Count((byte)'\n');
            (_bytesBeforeStart, _charactersBeforeStart) = (0, 0);
        }

        _bytesBeforeStart += read.Length - 1 - lineEnd;
        _charactersBeforeStart += Encoding.UTF8.GetCharCount(read[(lineEnd + 1)..]);
    }

    private int LineEnds(int from, int to) => _buffer.AsSpan(from, to - from).Count((byte)'\n');

    private InvalidInputException TooLong() => Place.Error("a value is longer than 4 MiB.");

    private InvalidInputException Malformed(JsonException error)
    {
        var text = _buffer.AsSpan(_start, _end - _start);
        var line = (error.LineNumber ?? 0) + 1;
        var at = (int)(error.BytePositionInLine ?? 0) + (line == _lineAtStart ? -_bytesBeforeStart : JsonErrorText.LineStart(text, line - _lineAtStart));
        return file.At(line).Error($"not valid JSON: {JsonErrorText.ReasonAt(text, at, saysLine: false, _charactersBeforeStart)}.", inner: error);
    }
}
