# Serves the folder this file is in to this computer alone. Needs Windows PowerShell 5 and nothing else: open yupana.cmd.
# The address must stay the same: what the browser has stored belongs to it.

param([int]$Port = 8473)
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetFullPath($PSScriptRoot).TrimEnd('\')
$types = @{
  '.html' = 'text/html; charset=utf-8'; '.js' = 'text/javascript; charset=utf-8'; '.css' = 'text/css; charset=utf-8'
  '.json' = 'application/json'; '.webmanifest' = 'application/manifest+json'; '.svg' = 'image/svg+xml'
  '.png' = 'image/png'; '.woff2' = 'font/woff2'; '.wasm' = 'application/wasm'; '.txt' = 'text/plain; charset=utf-8'
}
$rules = [IO.File]::ReadAllText((Join-Path $root 'app\headers.json')) | ConvertFrom-Json

# A spelling of its own for each file: another one would be the same file, and another name to the header table.
$canonical = '^(/(?!\.)[A-Za-z0-9_.~!$&''()*+,;=@-]+)*/?$'

# First and last byte of one range, or nothing where it cannot be served.
function Get-ByteRange([string]$header, [long]$size) {
  if ($header.Trim() -notmatch '^bytes=(\d*)-(\d*)$') { return $null }
  $first = $Matches[1]; $last = $Matches[2]
  if ($first -eq '' -and $last -eq '') { return $null }
  if ($first -eq '') {
    $count = [Math]::Min($size, [long]$last)
    if ($count -eq 0) { return $null }
    return @(($size - $count), ($size - 1))
  }
  $start = [long]$first
  $end = if ($last -eq '') { $size - 1 } else { [Math]::Min($size - 1, [long]$last) }
  if ($start -ge $size -or $start -gt $end) { return $null }
  return @($start, $end)
}

# The file of an address, or nothing: only below app\ and models\, no hidden names.
function Find-File([string]$pathname) {
  if ($pathname -cnotmatch $canonical) { return $null }
  $segments = $pathname.Substring(1).Split('/')
  if ($segments.Length -gt 1 -and $segments[-1] -eq '') { return $null }
  if ($segments[-1] -eq '') { $segments[-1] = 'index.html' }
  foreach ($name in $segments) { if ($name -eq '' -or $name.StartsWith('.') -or $name -match '[\\:\x00]') { return $null } }
  $below = if ($segments[0] -eq 'models') { $segments } else { @('app') + $segments }
  $file = [IO.Path]::GetFullPath([IO.Path]::Combine($root, ($below -join '\')))
  if ($file.StartsWith("$root\") -and [IO.File]::Exists($file)) { return $file }
  return $null
}

$listener = New-Object Net.HttpListener
# This prefix binds to the loopback address alone, and refuses other host names.
$listener.Prefixes.Add("http://127.0.0.1:$Port/")
try { $listener.Start() } catch {
  Write-Host "El puerto $Port no se pudo abrir: quizas Yupana ya esta abierta en http://127.0.0.1:$Port/"
  exit 1
}
Write-Host "Yupana: http://127.0.0.1:$Port/   (Ctrl+C: terminar, encerrar, stop)"
Start-Process "http://127.0.0.1:$Port/"
while ($listener.IsListening) {
  $context = $listener.GetContext()
  $response = $context.Response
  try {
    $pathname = ($context.Request.RawUrl -split '[?#]')[0]
    # The last rule is the strictest: it goes with everything that is no file's name.
    $rule = if ($pathname -cmatch $canonical) { $rules | Where-Object { $pathname -cmatch $_.pattern } | Select-Object -First 1 } else { $rules[-1] }
    foreach ($header in $rule.headers.PSObject.Properties) { $response.Headers.Set($header.Name, $header.Value) }
    $method = $context.Request.HttpMethod
    $file = Find-File $pathname
    if ($method -ne 'GET' -and $method -ne 'HEAD') { $response.StatusCode = 405 }
    elseif ($null -eq $file) { $response.StatusCode = 404; $response.Headers.Set('Cache-Control', 'no-cache') }
    else {
      # What a pack holds is data, whatever its name says.
      $type = if ($pathname.StartsWith('/models/')) { $null } else { $types[[IO.Path]::GetExtension($file)] }
      $response.ContentType = if ($type) { $type } else { 'application/octet-stream' }
      $response.Headers.Set('Accept-Ranges', 'bytes')
      $content = [IO.File]::OpenRead($file)
      try {
        $size = $content.Length
        $asked = $context.Request.Headers['Range']
        $part = if ($null -eq $asked) { @([long]0, ($size - 1)) } else { Get-ByteRange $asked $size }
        if ($null -eq $part) {
          $response.StatusCode = 416
          $response.Headers.Set('Content-Range', "bytes */$size")
        } else {
          if ($null -ne $asked) {
            $response.StatusCode = 206
            $response.Headers.Set('Content-Range', "bytes $($part[0])-$($part[1])/$size")
          }
          $left = $part[1] - $part[0] + 1
          $response.ContentLength64 = $left
          if ($method -eq 'GET') {
            [void]$content.Seek($part[0], [IO.SeekOrigin]::Begin)
            $buffer = New-Object byte[] 1048576
            while ($left -gt 0) {
              $read = $content.Read($buffer, 0, [int][Math]::Min($left, $buffer.Length))
              if ($read -le 0) { break }
              $response.OutputStream.Write($buffer, 0, $read)
              $left -= $read
            }
          }
        }
      } finally { $content.Dispose() }
    }
  } catch { } finally { try { $response.Close() } catch { } }
}
