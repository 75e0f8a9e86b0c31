using System.IO.Pipelines;
using System.Text;
using EvalJobs.Server.Dashboard.Forms;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Files between preview and import: their number is limited, each belongs to one person, and each is deleted after a time.</summary>
public sealed class UploadStoreTests
{
    private static readonly UploadOwner Ada = new("web:ada", 1, null);

    private readonly FakeTimeProvider _time = new();
    private UploadStore _uploads = null!;

    [SetUp]
    public void SetUp() => _uploads = new UploadStore(_time);

    [TearDown]
    public void TearDown() => _uploads.Dispose();

    [Test]
    public async Task Find_OwnFile_ReturnsItEveryTime()
    {
        var id = await KeepAsync(Ada, "a,b\n1,2\n");

        using var kept = _uploads.Find(id!, Ada)!;

        (kept.Name, kept.Length).Should().Be(("cases.csv", 8));
        (await ReadAsync(kept)).Should().Be("a,b\n1,2\n");
        (await ReadAsync(kept)).Should().Be("a,b\n1,2\n");
    }

    [Test]
    public async Task Find_OfAnotherPersonTenantOrSuite_ReturnsNothing()
    {
        var id = await KeepAsync(Ada, "x");

        foreach (var other in new[] { Ada with { Actor = "web:bob" }, Ada with { TenantId = 2 }, Ada with { SuiteId = 1 } })
        {
            _uploads.Find(id!, other).Should().BeNull();
            _uploads.Drop(id!, other);
        }

        _uploads.Find(id!, Ada).Should().NotBeNull("no other person can remove it");
    }

    [Test]
    public async Task Find_AfterItsTime_ReturnsNothingAndTheFileIsDeleted()
    {
        var id = await KeepAsync(Ada, "x");

        _time.Advance(UploadStore.Lifetime);

        _uploads.Find(id!, Ada).Should().BeNull();
        _uploads.Count.Should().Be(0, "it is deleted without a request for it");
    }

    [Test]
    public async Task Find_FileDroppedWhileItIsRead_IsReadToItsEnd()
    {
        var id = await KeepAsync(Ada, "x");
        using var kept = _uploads.Find(id!, Ada)!;

        _uploads.Drop(id!, Ada);

        (await ReadAsync(kept)).Should().Be("x");
        _uploads.Find(id!, Ada).Should().BeNull();
    }

    [Test]
    public async Task KeepAsync_OneMoreThanAPersonMayHave_ReplacesTheirOldest()
    {
        var other = await KeepAsync(Ada with { Actor = "web:bob" }, "b");
        var ids = new List<string?>();
        for (var at = 0; at <= UploadStore.PerPerson; at++)
        {
            ids.Add(await KeepAsync(Ada, $"{at}"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _uploads.Find(ids[0]!, Ada).Should().BeNull();
        ids.Skip(1).Should().OnlyContain(id => _uploads.Find(id!, Ada) != null);
        _uploads.Find(other!, Ada with { Actor = "web:bob" }).Should().NotBeNull("one person's files never replace another person's");
    }

    [Test]
    public async Task KeepAsync_MoreThanThereIsRoomFor_IsRejected()
    {
        for (var at = 0; at < UploadStore.MaxFiles; at++)
            (await KeepAsync(Ada with { Actor = $"web:{at}" }, "x")).Should().NotBeNull();

        (await KeepAsync(Ada, "x")).Should().BeNull();
        (await _uploads.KeepAsync(Ada with { Actor = "web:0" }, "a.csv", UploadStore.MaxBytes + 1, () => new MemoryStream(), default)).Should().BeNull();
    }

    [Test]
    public async Task KeepAsync_NoRoom_LeavesThePersonTheirOtherFiles()
    {
        var ids = new List<string?>();
        for (var at = 0; at < UploadStore.PerPerson; at++)
            ids.Add(await KeepAsync(Ada, $"{at}"));

        (await _uploads.KeepAsync(Ada, "a.csv", UploadStore.MaxBytes, () => new MemoryStream(), default)).Should().BeNull();

        ids.Should().OnlyContain(id => _uploads.Find(id!, Ada) != null, "the oldest file was not replaced");
    }

    [Test]
    public async Task KeepAsync_ReplacedWhileItIsWritten_EndsWithoutTheFile()
    {
        var content = new Pipe();
        var keeping = _uploads.KeepAsync(Ada, "slow.csv", 1, () => content.Reader.AsStream(), default);
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var at = 0; at < UploadStore.PerPerson; at++)
            await KeepAsync(Ada, $"{at}");

        await content.Writer.WriteAsync("x"u8.ToArray());
        await content.Writer.CompleteAsync();

        _uploads.Find((await keeping)!, Ada).Should().BeNull();
    }

    [Test]
    public async Task Remember_ByItsOwner_ReplacesTheChoicesAndRejectsLongOnes()
    {
        var id = (await KeepAsync(Ada, "a"))!;
        _uploads.Find(id, Ada)!.Choices.Should().BeNull();

        _uploads.Remember(id, Ada, Chosen("first")).Should().BeTrue();
        _uploads.Remember(id, Ada, Chosen("second")).Should().BeTrue();
        _uploads.Remember(id, Ada, Chosen(new string('x', UploadStore.MaxChoicesLength))).Should().BeFalse();
        _uploads.Remember(id, Ada with { TenantId = Ada.TenantId + 1 }, Chosen("of another")).Should().BeFalse();

        _uploads.Find(id, Ada)!.Choices!.Fields["name"].ToString().Should().Be("second");
    }

    private static StoredChoices Chosen(string name) => StoredChoices.Of(
        new FormCollection(new Dictionary<string, StringValues>(StringComparer.Ordinal) { ["name"] = name, ["do"] = "preview", ["__RequestVerificationToken"] = "t" }), null);

    [Test]
    public async Task KeepAsync_Cancelled_KeepsNothing()
    {
        var keeping = () => _uploads.KeepAsync(Ada, "a.csv", 1, () => new MemoryStream([1]), new CancellationToken(canceled: true));

        await keeping.Should().ThrowAsync<OperationCanceledException>();
        _uploads.Count.Should().Be(0);
    }

    [Test]
    public async Task KeepAsync_OnUnix_LeavesNoFileThatAnotherProcessCouldOpen()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Windows deletes the file with its last handle.");

        await KeepAsync(Ada, "secret");

        Directory.EnumerateFiles(Path.GetTempPath(), "evaljobs-upload-*").Should().BeEmpty("a crash must not leave it behind");
    }

    private Task<string?> KeepAsync(UploadOwner owner, string text) =>
        _uploads.KeepAsync(owner, "cases.csv", text.Length, () => new MemoryStream(Encoding.UTF8.GetBytes(text)), default);

    private static async Task<string> ReadAsync(StoredUpload kept)
    {
        await using var stream = kept.Open();
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
