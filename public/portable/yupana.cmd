@echo off
rem Opens Yupana on Windows: serves this folder to this computer alone.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0yupana.ps1"
pause
