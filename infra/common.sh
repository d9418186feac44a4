# shellcheck shell=bash
# What the commands of this folder share. STACK names the stack.

cd "$(dirname "${BASH_SOURCE[0]}")"

STACK=${STACK:-music-assistant-alexa}
# The longest name that is made of it is a function's, which has 64 characters at most.
[[ $STACK =~ ^[A-Za-z][A-Za-z0-9-]{2,49}$ ]] ||
    { echo "STACK is '$STACK', and has to be a letter and 2 to 49 letters, digits and hyphens" >&2 && exit 1; }
export AWS_PAGER=

# Newer systems let pip install into an environment of its own only.
PIP="python3 -m venv ~/.venv-aws && . ~/.venv-aws/bin/activate && pip install"

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Names every program that is missing, each with its remedy, before anything is done.
require_tools() {
    local missing=0 tool
    for tool in "$@"; do
        case $tool in
            cargo) command -v cargo > /dev/null || lacks cargo "install Rust as on https://rustup.rs" ;;
            cargo-lambda) cargo lambda --version > /dev/null 2>&1 || lacks cargo-lambda "$PIP cargo-lambda" ;;
            zig) zig version > /dev/null 2>&1 || python3 -m ziglang version > /dev/null 2>&1 ||
                lacks zig "$PIP ziglang" ;;
            sam) command -v sam > /dev/null || lacks sam "$PIP aws-sam-cli" ;;
            aws) command -v aws > /dev/null || lacks aws "install the AWS CLI as on https://aws.amazon.com/cli/" ;;
        esac
    done
    ((missing == 0)) || exit 1
}

lacks() {
    echo "$1 is missing: $2" >&2
    missing=1
}

# The region and the account, before minutes go by.
require_account() {
    local region
    region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
    case $region in
        us-east-1 | us-west-2 | eu-west-1 | ap-northeast-1) ;;
        *) fail "the region is '$region', and Alexa invokes functions in four regions only. Set AWS_REGION to the one" \
            "nearest to your Echos: eu-west-1 for Europe and India, us-east-1 for the Americas, us-west-2 for" \
            "Australia, ap-northeast-1 for Japan" ;;
    esac
    # Some tools read the one variable, some the other.
    export AWS_REGION=$region AWS_DEFAULT_REGION=$region
    aws sts get-caller-identity > /dev/null ||
        fail "AWS does not know you: run 'aws configure', or set AWS_PROFILE to a profile that may make stacks"
}

# Runs a command of `aws` that reads: its output; nothing where what it asks for is not there. Any other failure ends all,
# so that "not allowed to look" is not taken for "not there". Warnings are no part of the output.
look() {
    local errors status=0
    errors=$(mktemp)
    aws "$@" --output text 2> "$errors" || status=$?
    if ((status != 0)) && ! grep -q -e NotFound -e 'does not exist' "$errors"; then
        cat "$errors" >&2
        rm -f "$errors"
        fail "aws $1 $2 did not work"
    fi
    rm -f "$errors"
}

# What the stack says of itself; nothing where there is none.
stack() {
    look cloudformation describe-stacks --stack-name "$STACK" --query "Stacks[0].$1"
}

# A parameter that the stack has; nothing where it has none.
parameter() {
    stack "Parameters[?ParameterKey=='$1'].ParameterValue"
}
