using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Access;

/// <summary>Other users cannot read the keys that protect cookies.</summary>
[Platform(Exclude = "Win")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class KeyFolderTests
{
    private const UnixFileMode OtherUsers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("evaljobs-keys-");

    [TearDown]
    public void Drop() => _folder.Delete(recursive: true);

    [Test]
    public async Task KeyFolder_New_CannotBeReadByOtherUsersNorCanItsKeys()
    {
        var folder = Path.Combine(_folder.FullName, "keys");

        await using var server = await RunningServer.StartAsync([.. SomeUser.Settings("alice", ViewerRole.Viewer), ("Dashboard:KeyFolder", folder)]);
        using var visitor = new Visitor(server.Url);
        await visitor.SignInAsync("alice", SomeUser.Password);

        (File.GetUnixFileMode(folder) & OtherUsers).Should().Be(UnixFileMode.None);
        Directory.GetFiles(folder).Should().NotBeEmpty().And.OnlyContain(file => (File.GetUnixFileMode(file) & OtherUsers) == UnixFileMode.None);
    }

    [Test]
    public async Task KeyFolder_OpenToEveryone_IsRejected()
    {
        File.SetUnixFileMode(_folder.FullName, _folder.UnixFileMode | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        await FluentActions.Invoking(() => RunningServer.StartAsync(("Dashboard:KeyFolder", _folder.FullName)))
            .Should().ThrowAsync<InvalidInputException>().WithMessage("*KeyFolder*chmod 700*");
    }
}
