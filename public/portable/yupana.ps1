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

# The file of an address, or nothing: only below app\ and models\, no hidden names.
function Find-File([string]$pathname) {
  $segments = [Uri]::UnescapeDataString($pathname).Substring(1).Split('/')
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
    $pathname = $context.Request.RawUrl.Split('?')[0]
    $rule = $rules | Where-Object { $pathname -cmatch $_.pattern } | Select-Object -First 1
    foreach ($header in $rule.headers.PSObject.Properties) { $response.Headers.Set($header.Name, $header.Value) }
    $method = $context.Request.HttpMethod
    $file = Find-File $pathname
    if ($method -ne 'GET' -and $method -ne 'HEAD') { $response.StatusCode = 405 }
    elseif ($null -eq $file) { $response.StatusCode = 404; $response.Headers.Set('Cache-Control', 'no-cache') }
    else {
      $type = $types[[IO.Path]::GetExtension($file)]
      $response.ContentType = if ($type) { $type } else { 'application/octet-stream' }
      $content = [IO.File]::OpenRead($file)
      try {
        $response.ContentLength64 = $content.Length
        if ($method -eq 'GET') { $content.CopyTo($response.OutputStream) }
      } finally { $content.Dispose() }
    }
  } catch { } finally { try { $response.Close() } catch { } }
}
