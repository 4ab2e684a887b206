// CompletionsCommand: `moongate completions bash|zsh|fish`: prints what makes a shell complete moongate's command lines. The
// scripts know nothing of moongate themselves: each asks `moongate __complete` at every Tab.
import AWSCore
import Host

enum CompletionsCommand {
  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard arguments.rest.count == 1, let script = scripts[arguments.rest[0]] else {
      let names = scripts.keys.sorted()
      let hint =
        arguments.rest.first.flatMap { nearest(to: $0, in: names) }.map { "; did you mean \($0)?" } ?? ""
      throw UsageError(
        message: "completions takes a shell: bash, zsh or fish, as in "
          + "moongate completions bash > ~/.local/share/bash-completion/completions/moongate\(hint)")
    }
    print(script, terminator: "")
    return ExitCode.ok
  }

  private static let scripts = ["bash": bash, "zsh": zsh, "fish": fish]

  /// Bash breaks words at : and = too, which ARNs are full of: they are put together again, and what stands before the last
  /// of them is taken off what is found.
  private static let bash = #"""
    # Completion of moongate for bash. Put it where bash-completion looks:
    #   moongate completions bash > ~/.local/share/bash-completion/completions/moongate
    # or have ~/.bashrc read it:  source <(moongate completions bash)
    _moongate() {
      local line=${COMP_LINE:0:COMP_POINT} words=() word='' piece i rest
      rest=$line
      for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && piece=${rest#"${rest%%[![:space:]]*}"}
        # Blanks before a piece begin a word.
        if [[ $rest == [[:space:]]* && $i -gt 0 ]]; then
          words+=("$word")
          word=''
        fi
        rest=${rest#"${rest%%[![:space:]]*}"}
        rest=${rest#"$piece"}
        word+=$piece
      done
      words+=("$word")
      # The words as the shell would hand them over, without quotes.
      local plain=()
      for piece in "${words[@]:1}"; do
        piece=${piece//\\/}
        piece=${piece//[\"\']/}
        plain+=("$piece")
      done
      local cur=${plain[${#plain[@]} - 1]} value detail found=() details=() files=''
      while IFS=$'\t' read -r value detail; do
        case $value in
          :files) files=1 ;;
          *) found+=("$value"); details+=("$detail") ;;
        esac
      done < <("${words[0]/#\~/$HOME}" __complete "${plain[@]}" 2>/dev/null)
      # What bash replaces begins behind the last : or = of the word.
      local before=''
      [[ $cur == *[:=]* && $COMP_WORDBREAKS == *[:=]* ]] && before=${cur%"${cur##*[:=]}"}
      COMPREPLY=()
      if ((${#found[@]} == 1)); then
        printf -v value '%q' "${found[0]#"$before"}"
        COMPREPLY=("$value")
        [[ ${found[0]} == *= ]] && compopt -o nospace
      else
        for i in "${!found[@]}"; do
          printf -v value '%q' "${found[i]#"$before"}"
          # The list says what each is; what is typed on is only what they have in common.
          if ((COMP_TYPE == 63)) && [[ -n ${details[i]} ]]; then
            value+="  (${details[i]})"
            value=${value:0:$((${COLUMNS:-80} - 2))}
          fi
          COMPREPLY+=("$value")
        done
      fi
      if [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null
        local name
        while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -f -- "${cur#"$before"}")
      fi
    }
    complete -F _moongate moongate

    """#

  private static let zsh = #"""
    #compdef moongate
    # Completion of moongate for zsh. Put it into a folder of $fpath as _moongate:
    #   moongate completions zsh > ~/.zfunc/_moongate
    # or have ~/.zshrc read it behind compinit:  source <(moongate completions zsh)
    _moongate() {
      local -a lines values displays
      local line value detail files
      lines=("${(@f)$(${(Q)words[1]} __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
      for line in $lines; do
        [[ -n $line ]] || continue
        if [[ $line == :files ]]; then files=1; continue; fi
        value=${line%%$'\t'*} detail=${line#*$'\t'}
        values+=("$value")
        [[ -n $detail ]] && displays+=("$value  -- $detail") || displays+=("$value")
      done
      # Words that more of follows get no blank behind them.
      local -a unfinished finished unfinished_displays finished_displays
      local i
      for ((i = 1; i <= $#values; i++)); do
        if [[ $values[i] == *= ]]; then
          unfinished+=("$values[i]") unfinished_displays+=("$displays[i]")
        else
          finished+=("$values[i]") finished_displays+=("$displays[i]")
        fi
      done
      (($#finished)) && compadd -l -d finished_displays -a finished
      (($#unfinished)) && compadd -S '' -l -d unfinished_displays -a unfinished
      [[ -n $files ]] && _files
      return 0
    }
    if [[ $funcstack[1] == _moongate ]]; then _moongate "$@"; else compdef _moongate moongate; fi

    """#

  private static let fish = #"""
    # Completion of moongate for fish. Put it where fish looks:
    #   moongate completions fish > ~/.config/fish/completions/moongate.fish
    function __moongate_complete
      set -l words (commandline -opc) (commandline -ct)
      set -l found (command $words[1] __complete $words[2..-1] 2>/dev/null)
      for line in $found
        if test "$line" = ":files"
          __fish_complete_path (commandline -ct)
        else
          echo $line
        end
      end
    end
    complete -c moongate -f -a '(__moongate_complete)'

    """#
}
