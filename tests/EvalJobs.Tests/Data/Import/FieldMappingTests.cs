using EvalJobs.Data.Import;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Data.Import;

public sealed class FieldMappingTests
{
    [Test]
    public void Parse_Pairs_AreTheMapping() =>
        FieldMapping.Parse(["input=question", "expected = a=b", "key=meta.id", "name=n", "weight=w", "scoring=s"]).Should().Be(new FieldMapping
        {
            Input = "question",
            Expected = "a=b",
            Key = "meta.id",
            Name = "n",
            Weight = "w",
            Scoring = "s",
        });

    [TestCase("input", "'input' is not a field mapping; write field=path, such as input=question.")]
    [TestCase("input=", "'input=' is not a field mapping; write field=path, such as input=question.")]
    [TestCase("Input=a", "Unknown field 'Input' in the mapping; expected input, expected, key, name, weight, scoring.")]
    [TestCase("input=a;input=b", "The mapping names the field 'input' twice.")]
    [TestCase("expected=a", "The mapping needs the field 'input', such as input=question.")]
    [TestCase("", "The mapping needs the field 'input', such as input=question.")]
    public void Parse_BadPairs_AreRefused(string pairs, string message)
    {
        var parse = () => FieldMapping.Parse(pairs.Split(';', StringSplitOptions.RemoveEmptyEntries));

        parse.Should().Throw<InvalidInputException>().WithMessage(message);
    }
}
