#!/usr/bin/env bash
# Packs the library and runs the example host with the package, outside the repository, like a host that gets the package from a feed.
# One case of the host is judged in a scorer process, so the package must contain the program of the scorer processes.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
version=0.0.0-check.$(date +%s)
cache=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
trap 'rm -rf "$work" "${cache:?}/evaljobs/$version"' EXIT

dotnet pack src/EvalJobs -c Release -o "$work/feed" -p:Version="$version" -v q --nologo
for part in "EvalJobs.$version.nupkg" "EvalJobs.$version.snupkg"; do
  [ -f "$work/feed/$part" ] || { echo "The package $part was not created."; exit 1; }
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

# Published, as on a server: the program of the scorer processes must be in that folder, too.
dotnet publish "$work/host" -o "$work/published" -v q --nologo
cd "$work"
said=$(timeout 120 dotnet published/Host.dll "$work/check.db")
echo "$said"
grep -q 'Completed, 2 of 2 passed' <<<"$said" || { echo "The host with the package did not pass both of its cases."; exit 1; }
