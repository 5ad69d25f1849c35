"""Print a script that completes verbs, flags and config names in bash or zsh.

  source <(kortf completion bash)                      # this shell
  kortf completion bash > ~/.local/share/bash-completion/completions/kortf
  kortf completion zsh > "${fpath[1]}/_kortf"

The script is fixed text: completing does not start Python.
"""

import importlib

from absl import flags

from kortf.cli.flags.config_files import KINDS, packaged
from kortf.errors import InputError, did_you_mean

TAKES_NAMES = True
SHELLS = ("bash", "zsh")

_BASH = """\
_kortf() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} verb=${{COMP_WORDS[1]}} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{verbs} --help --version' -- "$current"))
    return
  fi
  # bash splits words at "=": the value of a flag is a word of its own.
  local before=${{COMP_WORDS[COMP_CWORD-1]}}
  if [ "$current" = "=" ]; then before="=" current=; fi
  if [ "$before" = "=" ]; then
    local flag=${{COMP_WORDS[COMP_CWORD-2]}}
    [ "${{COMP_WORDS[COMP_CWORD]}}" = "=" ] && flag=${{COMP_WORDS[COMP_CWORD-1]}}
    if [ "$flag" = "--config" ]; then
      case $verb in
{configs}
      esac
      COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
    else
      COMPREPLY=($(compgen -f -- "$current"))
    fi
    return
  fi
  case $verb in
{flags}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ ${{COMPREPLY-}} == *= ]] && compopt -o nospace
}}
complete -o filenames -F _kortf kortf
"""

_ZSH = """\
#compdef kortf
_kortf() {{
  local words_of=
  if (( CURRENT == 2 )); then
    compadd -- {verbs} --help --version
    return
  fi
  if [[ $PREFIX == --config=* ]]; then
    compset -P '--config='
    case $words[2] in
{configs}
    esac
    compadd -- ${{=words_of}}
    _files
    return
  fi
  if [[ $PREFIX == --*=* ]]; then
    compset -P '--*='
    _files
    return
  fi
  case $words[2] in
{flags}
  esac
  compadd -S '' -- ${{=words_of}}
}}
if [[ $funcstack[1] == _kortf ]]; then _kortf "$@"; else compdef _kortf kortf; fi
"""


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define no flags."""
    del flag_values, argv


def main(flag_values: flags.FlagValues, names: list[str]) -> int:
    """Run `kortf completion`."""
    del flag_values
    if len(names) != 1 or names[0] not in SHELLS:
        problem = f"'{' '.join(names)}' is not a shell" if names else "no shell is named"
        raise InputError("SHELL", problem, did_you_mean(" ".join(names), SHELLS))
    print(script(names[0]), end="")
    return 0


def script(shell: str) -> str:
    """Return the completion script of a shell."""
    from kortf.cli.main import verbs

    variable = "words" if shell == "bash" else "words_of"
    known = packaged()
    configs = [
        _case(verb, variable, [key.split("/")[1] for key in known if key.startswith(f"{kind}/")])
        for verb, kind in KINDS.items()
    ]
    return (_BASH if shell == "bash" else _ZSH).format(
        verbs=" ".join(verbs()),
        configs="\n".join(configs),
        flags="\n".join(_case(verb, variable, flags_of(verb)) for verb in verbs()),
    )


def flags_of(verb: str) -> list[str]:
    """Return the flags of a verb as they are typed: `--name=`, or `--name` and `--noname`."""
    values = flags.FlagValues()
    importlib.import_module(f"kortf.cli.{verb}").define(values, [f"kortf {verb}"])
    found = ["--help"]
    for name in sorted(values):
        flag = values[name]
        if flag.help and name == flag.name:
            found += [f"--{name}", f"--no{name}"] if flag.boolean else [f"--{name}="]
    return found


def _case(verb: str, variable: str, words: list[str]) -> str:
    return f"      {verb}) {variable}='{' '.join(words)}' ;;"
