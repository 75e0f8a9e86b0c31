using System.Globalization;
using System.Text;
using CsCheck;

namespace EvalJobs.Tests.Domain;

/// <summary>A random JSON value that can be written in many ways, for the property tests of the canonical form.</summary>
public abstract record SomeJson
{
    private static readonly Gen<char> Character = Gen.Frequency(
        (6, Gen.Char['a', 'e']),
        (2, Gen.Char[' ', '~']),
        (1, Gen.Char['\0', '\u001f']),
        (1, Gen.Char['\u007f', '\u07ff']),
        (1, Gen.OneOfConst('"', '\\', '/', '\u2028', '\u0378', '\ue000', '\uffff', '<')));

    /// <summary>Well-formed text with many characters that are difficult to escape.</summary>
    public static Gen<string> Text { get; } = Gen.OneOf(
        Character.Array[0, 6].Select(characters => new string(characters)),
        Gen.OneOfConst("\U0001F600", "a\U0001F600b", "\\u0061", "\\", "\\\\", "null", "1"));

    /// <summary>Values up to four levels deep; objects have distinct keys.</summary>
    public static Gen<SomeJson> Value { get; } = ValueTo(4);

    /// <summary>Writes the value as JSON, in the simplest form or with random key order, whitespace and escapes.</summary>
    public string Spell(Random? random = null)
    {
        var json = new StringBuilder();
        SpellTo(json, random);
        return json.ToString();
    }

    /// <returns>The value with one difference: another leaf, another key, one item more or less, or two unequal items swapped.</returns>
    public abstract SomeJson Change(Random random);

    protected abstract void SpellTo(StringBuilder json, Random? random);

    private static Gen<SomeJson> ValueTo(int depth)
    {
        var number = Gen.OneOf(
            Gen.Int.Select(value => value.ToString(CultureInfo.InvariantCulture)),
            Gen.OneOfConst("0", "-0", "1.0", "1e5", "1E5", "0.1", "123456789012345678901234567890"));
        var leaf = Gen.OneOf<SomeJson>(
            Text.Select(text => (SomeJson)new StringJson(text)),
            Gen.OneOf(number, Gen.OneOfConst("null", "true", "false")).Select(token => (SomeJson)new TokenJson(token)));
        if (depth == 0)
            return leaf;

        var inner = ValueTo(depth - 1);
        return Gen.Frequency(
            (2, leaf),
            (1, inner.Array[0, 4].Select(items => (SomeJson)new ArrayJson(items))),
            (1, Gen.Select(Text, inner).Array[0, 4].Select(
                properties => (SomeJson)new ObjectJson([.. properties.DistinctBy(property => property.Item1, StringComparer.Ordinal)]))));
    }

    private static void SpellText(StringBuilder json, string text, Random? random)
    {
        json.Append('"');
        foreach (var c in text)
        {
            var mustEscape = c is '"' or '\\' or < ' ';
            if (!mustEscape && (random is null || random.Next(3) > 0 || char.IsSurrogate(c)))
                json.Append(c);
            else if (c is '"' or '\\' or '/' && random?.Next(2) != 1)
                json.Append('\\').Append(c);
            else if (random?.Next(2) == 1)
                json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        json.Append('"');
    }

    private static void Space(StringBuilder json, Random? random)
    {
        for (var count = random?.Next(3) ?? 0; count > 0; count--)
            json.Append(" \t\r\n"[random!.Next(4)]);
    }

    private sealed record TokenJson(string Token) : SomeJson
    {
        public override SomeJson Change(Random random) => new TokenJson(Token == "false" ? "true" : "false");

        protected override void SpellTo(StringBuilder json, Random? random) => json.Append(Token);
    }

    private sealed record StringJson(string Content) : SomeJson
    {
        public override SomeJson Change(Random random) => random.Next(3) switch
        {
            0 => new StringJson(Content + "x"),
            1 => new StringJson("\\" + Content),
            // The same characters as another kind of value: "1" is not 1, "null" is not null.
            _ => Content is "null" or "1" ? new TokenJson(Content) : new ArrayJson([this]),
        };

        protected override void SpellTo(StringBuilder json, Random? random) => SpellText(json, Content, random);
    }

    private sealed record ArrayJson(SomeJson[] Items) : SomeJson
    {
        public override SomeJson Change(Random random)
        {
            if (Items.Length > 1 && random.Next(3) == 0)
            {
                var swapped = new ArrayJson([Items[1], Items[0], .. Items[2..]]);
                if (swapped.Spell() != Spell())
                    return swapped;
            }
            if (Items.Length == 0 || random.Next(3) == 0)
                return new ArrayJson([.. Items, new TokenJson("null")]);
            if (random.Next(3) == 0)
                return new ArrayJson(Items[1..]);
            var at = random.Next(Items.Length);
            return new ArrayJson([.. Items[..at], Items[at].Change(random), .. Items[(at + 1)..]]);
        }

        protected override void SpellTo(StringBuilder json, Random? random)
        {
            json.Append('[');
            for (var i = 0; i < Items.Length; i++)
            {
                json.Append(i > 0 ? "," : "");
                Space(json, random);
                Items[i].SpellTo(json, random);
                Space(json, random);
            }
            json.Append(']');
        }
    }

    private sealed record ObjectJson((string Key, SomeJson Value)[] Properties) : SomeJson
    {
        public override SomeJson Change(Random random)
        {
            if (Properties.Length == 0)
                return new ObjectJson([("k", new TokenJson("null"))]);
            var at = random.Next(Properties.Length);
            var (key, value) = Properties[at];
            return random.Next(3) switch
            {
                0 => new ObjectJson([.. Properties[..at], .. Properties[(at + 1)..]]),
                1 when Properties.All(property => property.Key != key + "x") =>
                    new ObjectJson([.. Properties[..at], (key + "x", value), .. Properties[(at + 1)..]]),
                _ => new ObjectJson([.. Properties[..at], (key, value.Change(random)), .. Properties[(at + 1)..]]),
            };
        }

        protected override void SpellTo(StringBuilder json, Random? random)
        {
            var order = Properties.ToArray();
            random?.Shuffle(order);
            json.Append('{');
            for (var i = 0; i < order.Length; i++)
            {
                json.Append(i > 0 ? "," : "");
                Space(json, random);
                SpellText(json, order[i].Key, random);
                Space(json, random);
                json.Append(':');
                Space(json, random);
                order[i].Value.SpellTo(json, random);
                Space(json, random);
            }
            json.Append('}');
        }
    }
}
