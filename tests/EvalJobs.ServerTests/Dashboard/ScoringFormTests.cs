using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Server.Dashboard.Forms;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Scoring in fields and as JSON: an unchanged form posts what was stored, and a switch between both keeps everything.</summary>
public sealed class ScoringFormTests
{
    private static readonly ScorerRegistry Scorers = new(
        [new ExactMatchScorer(), new ContainsScorer(), new SimilarityScorer(), new RegexScorer(), new NumericScorer(), new JsonScorer(), new CustomScorer(), new LlmJudgeScorer(null!, null!), new Undescribed()]);

    [TestCase("""{"type":"exact_match"}""")]
    [TestCase("""{"normalize":"unicode","threshold":0.50,"type":"exact_match"}""")]
    [TestCase("""{"normalize":["whitespace","unicode"],"type":"similarity"}""")]
    [TestCase("""{"phrases":"one","type":"contains"}""")]
    [TestCase("""{"phrases":["one"],"type":"contains"}""")]
    [TestCase("""{"phrases":["one"," two "],"type":"contains"}""")]
    [TestCase("""{"phrases":["two\nlines"],"type":"contains"}""")]
    [TestCase("""{"group":1,"options":["ignoreCase"],"pattern":"(a<b)\r\n ","type":"regex"}""")]
    [TestCase("""{"tolerance":0.000000000000000000000000000000000000000000001,"type":"numeric"}""")]
    [TestCase("""{"schema":{"properties":{"a":{"type":"string"}},"type":"object"},"type":"json"}""")]
    [TestCase("""{"script":"return actual === \"</textarea><script>\" ? 1 : 0;\n","timeout":1,"type":"custom"}""")]
    [TestCase("""{"apiKeyRef":"k","headers":{"x":"y"},"model":"m","rubric":"r","temperature":null,"type":"llm_judge"}""")]
    public void Fields_Unchanged_ReturnExactlyWhatWasStored(string scoring)
    {
        var stored = ScoringSpec.Parse(scoring).Json;
        var shown = ScoringForm.Of(stored, "case.0.");

        var posted = ScoringForm.Read(Posted(shown), "case.0.", Scorers);

        posted.Stated.Should().Be(shown.Stated);
    }

    [Test]
    public void Fields_ThatAreFilledIn_BecomeSettings()
    {
        var form = Read("contains", fieldsOf: "contains", settings: "", ("set.phrases", "one\r\n\r\ntwo\r\n"), ("set.normalize", "unicode"), ("set.normalize", "whitespace"));

        ToScoring(form).Json.Should().Be("""{"normalize":["unicode","whitespace"],"phrases":["one","two"],"type":"contains"}""");
    }

    [Test]
    public void Fields_ThatAreBlanked_LeaveTheSettingOut() =>
        ToScoring(Read("numeric", "numeric", """{"tolerance":1}""", ("set.tolerance", ""))).Json.Should().Be("""{"type":"numeric"}""");

    [Test]
    public void Fields_WithErrors_AreAllNamedAtOnceNextToThem()
    {
        var errors = new FormErrors();

        Read("llm_judge", "llm_judge", "", ("threshold", "80"), ("set.temperature", "0,5"), ("set.headers", "{x}"), ("set.responseFormat", "poem")).ToScoring("a", Scorers, errors).Should().BeNull();

        errors["threshold"].Should().Contain("Did you mean 0.8?");
        errors["set.temperature"].Should().Be("temperature must be a number from 0 to 2. Did you mean 0.5?");
        errors["set.headers"].Should().Contain("headers expects JSON");
        errors["set.responseFormat"].Should().Be("responseFormat must be one of json_schema, json_object, text.");
        errors["set.rubric"].Should().StartWith("This setting is required");
    }

    [Test]
    public void Fields_ThatCannotBeRead_KeepTheTypedText()
    {
        var form = Read("numeric", "numeric", """{"tolerance":1}""", ("set.tolerance", "much"));

        form.FieldText(Scorers.Describe("numeric")!.Find("tolerance")!).Should().Be("much");
        form.Stated.Should().BeNull("an unreadable value differs from the stored one");
    }

    [Test]
    public void Error_OfTheScorerItself_IsShownNextToTheFieldItNames()
    {
        var errors = new FormErrors();

        Read("regex", "regex", "", ("set.pattern", "a(")).ToScoring(null, Scorers, errors);
        Read("exact_match", "exact_match", "").ToScoring(null, Scorers, errors);

        errors["set.pattern"].Should().Contain("is not a regular expression");
        errors["scorer"].Should().Contain("needs an expected output");
    }

    [Test]
    public void WithRequestedView_ToJsonAndBack_LosesNothing()
    {
        var fields = Read("llm_judge", "llm_judge", """{"apiKeyRef":"k","temperature":null}""", ("set.rubric", "be kind"), ("set.apiKeyRef", "k"), ("view", "json"));
        var json = fields.WithRequestedView(Scorers, new FormErrors());

        json.Should().Match<ScoringForm>(form => form.IsJson && form.Settings == """{"apiKeyRef":"k","rubric":"be kind","temperature":null}""");
        var back = ScoringForm.Read(Form(("scorer", "llm_judge"), ("as", "json"), ("settings", json.Settings), ("view", "fields")), "", Scorers).WithRequestedView(Scorers, new FormErrors());
        back.IsJson.Should().BeFalse();
        back.Hidden(Scorers.Describe("llm_judge")!).Should().Equal(["temperature"], "no field can show a null value");
        back.Settings.Should().Be(json.Settings);
    }

    [Test]
    public void WithRequestedView_ToFieldsOfWhatIsNoJson_StaysAndSaysWhy()
    {
        var errors = new FormErrors();

        var form = ScoringForm.Read(Form(("scorer", "numeric"), ("as", "json"), ("settings", "{ tolerance: "), ("view", "fields")), "", Scorers).WithRequestedView(Scorers, errors);

        form.Should().Match<ScoringForm>(each => each.IsJson && each.Settings == "{ tolerance: ");
        errors["settings"].Should().StartWith("The settings are not a JSON object.");
    }

    [Test]
    public void WithRequestedView_ToJsonWithAFieldThatCannotBeRead_StaysAndSaysWhy()
    {
        var errors = new FormErrors();

        Read("numeric", "numeric", "", ("set.tolerance", "much"), ("view", "json")).WithRequestedView(Scorers, errors).IsJson.Should().BeFalse();

        errors["set.tolerance"].Should().Be("tolerance must be a number of 0 or more.");
    }

    [Test]
    public void Scorer_Changed_KeepsSettingsOfBothAndStoresNoneOfTheOther()
    {
        var chosen = Read("exact_match", "numeric", """{"tolerance":1}""", ("set.tolerance", "1"), ("view", "scorer")).WithRequestedView(Scorers, new FormErrors());

        chosen.OfOthers(Scorers, Scorers.Describe("exact_match")!).Should().Equal("tolerance");
        chosen.Settings.Should().Contain("tolerance", "the settings are still there after a change back");
        ToScoring(chosen).Json.Should().Be("""{"type":"exact_match"}""");
    }

    [Test]
    public void Scorer_WithoutADescription_IsWrittenAsJson()
    {
        Read("plain", "", """{"a":1}""").Fields(Scorers).Should().BeNull();
        ToScoring(Read("plain", "", """{"a":1}""")).Json.Should().Be("""{"a":1,"type":"plain"}""");
    }

    [Test]
    public void Json_WithASettingTheScorerDoesNotKnow_IsRejected()
    {
        var errors = new FormErrors();

        ScoringForm.Read(Form(("scorer", "exact_match"), ("settings", """{"tolerance":1}""")), "", Scorers).ToScoring("a", Scorers, errors);

        errors["settings"].Should().Contain("tolerance is not a setting of 'exact_match'");
    }

    private static ScoringSpec ToScoring(ScoringForm form)
    {
        var errors = new FormErrors();
        var spec = form.ToScoring("1", Scorers, errors);
        errors.All.Should().BeEmpty();
        return spec!;
    }

    private static ScoringForm Read(string scorer, string fieldsOf, string settings, params (string Name, string Value)[] typed) =>
        ScoringForm.Read(Form([("scorer", scorer), ("as", "fields"), ("fieldsOf", fieldsOf), ("settings", settings), .. typed]), "", Scorers);

    /// <summary>What a browser posts for an unchanged form: lines end with CR LF.</summary>
    private static FormCollection Posted(ScoringForm form)
    {
        var fields = form.Fields(Scorers)!;
        var posted = new List<(string, string)>
        {
            (form.Field("scorer"), form.Scorer), (form.Field("threshold"), form.Threshold), (form.Field("as"), "fields"), (form.Field("fieldsOf"), form.Scorer), (form.Field("settings"), form.Settings),
        };
        foreach (var setting in fields.Settings)
        {
            if (form.FieldText(setting) is not { } text)
                continue;
            var values = setting.Kind == ScorerSettingKind.Choices ? text.Split('\n') : [FormText.Lines(text).Replace("\n", "\r\n", StringComparison.Ordinal)];
            posted.AddRange(values.Where(value => setting.Kind != ScorerSettingKind.Choices || value.Length > 0).Select(value => (form.SettingField(setting.Name), value)));
        }

        return Form([.. posted]);
    }

    private static FormCollection Form(params (string Name, string Value)[] fields) =>
        new(fields.GroupBy(field => field.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => new StringValues([.. group.Select(field => field.Value)]), StringComparer.Ordinal));

    private sealed class Undescribed : IScorer
    {
        public string Name => "plain";

        public double DefaultThreshold => 1;

        public void Validate(ScoringSpec spec, string? expected)
        {
        }

        public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken) => new(Score.Right);
    }
}
