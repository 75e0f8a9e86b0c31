#!/usr/bin/env bash
# Packs the library and runs the example host with the package, outside the repository, as a host would that gets it from a feed.
# One of the host's cases is judged in a scorer process, so the program of those must have come with the package.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
version=0.0.0-check.$(date +%s)
cache=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
trap 'rm -rf "$work" "${cache:?}/evaljobs/$version"' EXIT

dotnet pack src/EvalJobs -c Release -o "$work/feed" -p:Version="$version" -v q --nologo
for part in "EvalJobs.$version.nupkg" "EvalJobs.$version.snupkg"; do
  [ -f "$work/feed/$part" ] || { echo "The package $part was not made."; exit 1; }
done

mkdir "$work/host"
cp tests/EvalJobs.ExampleHost/*.cs "$work/host/"
cat >"$work/host/Host.csproj" <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <RestoreAdditionalProjectSources>$work/feed</RestoreAdditionalProjectSources>
  </PropertyGroup>
  <ItemGroup>
    <FrameworkReference Include="Microsoft.AspNetCore.App" />
    <PackageReference Include="EvalJobs" Version="$version" />
  </ItemGroup>
</Project>
END

# Published, because that is what runs on a server: the scorers' program must be in that folder, too.
dotnet publish "$work/host" -o "$work/published" -v q --nologo
cd "$work"
said=$(timeout 120 dotnet published/Host.dll "$work/check.db")
echo "$said"
grep -q 'Completed, 2 of 2 passed' <<<"$said" || { echo "The host with the package did not pass its two cases."; exit 1; }
