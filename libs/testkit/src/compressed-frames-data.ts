import type { CompressedFrame } from "./compressed-frames.ts";

const GREY = { samples: 1, photometric: "MONOCHROME2" } as const;

/** The test pattern in every compressed transfer syntax. */
export const COMPRESSED_FRAMES: readonly CompressedFrame[] = [
  {
    name: "jpeg-baseline",
    transferSyntax: "1.2.840.10008.1.2.4.50",
    bits: 8,
    ...GREY,
    lossless: false,
    bytes: Buffer.from(
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQ" +
        "DQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAYACABAREA/8QAGwAAAQQDAAAAAAAAAAAAAAAAAgEE" +
        "BggFBwn/xAAkEAABAwMFAQADAQAAAAAAAAACAQMFAAQHBhESITEIExQyUf/aAAgBAQAAPwDYGMM0x+g7EGLh" +
        "wQUU22Vf8p/kfPMbrWOO3t3gIiTbpapRk3Bt/rm+cfYaMkJd+hocaYKkND3zdxcNGIiu6qSeVGM96kl4qXuA" +
        "svyIIku3HesThXVMzJS7IXauqKkn9LXUDBemYeUiGSvUb5qPpe+UecdLw0ZEvFZI2h8F22qvcX87t5N43JMo" +
        "fPtUVKKT+Ymsdh+0LCBw78qFSf0i5jY1the4cOul6pIz6UcyM4lsTynz623r/9k=",
      "base64",
    ),
  },
  {
    name: "jpeg-baseline-rgb",
    transferSyntax: "1.2.840.10008.1.2.4.50",
    bits: 8,
    samples: 3,
    photometric: "YBR_FULL_422",
    lossless: false,
    bytes: Buffer.from(
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQ" +
        "DQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQU" +
        "FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAYACADASEAAhEBAxEB/8QAFgABAQEAAAAA" +
        "AAAAAAAAAAAABgUI/8QAKBAAAQEHAgUFAAAAAAAAAAAAAQACAwUGERIhI2EiMUFRcTKRodHh/8QAGAEBAQAD" +
        "AAAAAAAAAAAAAAAACAYCBAX/xAApEQABAQcBBwUAAAAAAAAAAAABAAIDBAURITEGQWFxobHB8BITUYGR/9oA" +
        "DAMBAAIRAxEAPwDDMIku+3g+ExhklMMlkF3U9gEkW3rsu/ceYWcgmZqyAUthkmMgCrkMndLYXJjILNXQ80/V" +
        "MxMQ6ZN2Bv204moH1lJPT8yNrqTCJQLDtkh3k4GEuhkn2UAYoBgkDnstF/Hel2ya4HW55D9QakExuLpbC5Ot" +
        "A0radB9pbC5Ptpp08CikouNDO6nLh3NiabAElNPzHF1IhMngMuzZkCvJLoZJwZs4BjFSPdc9/GshkGuwdB3C" +
        "DUgmOLpbC5O9OnnbolkLk623TGB2UdFRdBUeeWp8gBJXT8yxdf//2Q==",
      "base64",
    ),
  },
  {
    name: "jpeg-baseline-rgb-plain",
    transferSyntax: "1.2.840.10008.1.2.4.50",
    bits: 8,
    samples: 3,
    photometric: "RGB",
    lossless: false,
    bytes: Buffer.from(
      "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0O" +
        "EQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/8AAEQgAGAAgA1IRAEcRAEIRAP/EABoAAAIDAQEAAAAAAAAAAAAA" +
        "AAAIAgQJBgP/xAAvEAACAQIBCgUEAwAAAAAAAAABAgMAEQQFBxIXITFDY4GhBhMUIkEVMlFxIzNC/9oADANS" +
        "AEcAQgAAPwDOvN/w+lZ/areT2rofD/h/6ro+296ZXN/w+lGq3k9q6WXwxkfJc64fEpJiMUdEtBh4wzKCCQSS" +
        "QB+r32g2saZbN/w+lGq3k9qm2RMFBhT52SsLgsQVVlE85laxa1/LVQzDeNn7+DTK5v8Ah9KNVvJ7VYgyXk6C" +
        "dI8Tk3B6D/ZK0HlrJsF9HTlU7L2OysP83/D6U4Gq3k9qqeGJZcl+G0xOHW+KmdYIWKhgrEEliD+ADbfttcWv" +
        "TK5v+H0o1W8ntVtEXIyNhsM3pooPZNiIwGklcj+qP8EfJ2EEH7QpJZbN/wAPpRqt5PavWFPpsGh6b0SIiySR" +
        "YZrMguttOW1wTtsEW5uARtBLK5v+H0o1W8ntUIPLwKsFVcOqMhAi/iCm4G0AhgpDAjTdbk7tgFYf5v8Ah9Kc" +
        "DVbye1VciNDBkvJU11OIw2HklCOjEXcqsd7fBZSN/wC7b6ZXN/w+lGq3k9qupDFk302h5cSYW8EcsqEhGFvN" +
        "kto7SDoIF23NiL3ILLZv+H0o1W8ntUMHg40iX2KkyqURI2sIAPuVW+G3F5P87htsFZXN/wAPpRqt5PahMOcE" +
        "yAiECOJmjGiI2RLG5UHcPcn4awDM6i1f/9k=",
      "base64",
    ),
  },
  {
    name: "jpeg-extended-12",
    transferSyntax: "1.2.840.10008.1.2.4.51",
    bits: 12,
    ...GREY,
    lossless: false,
    bytes: Buffer.from(
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQ" +
        "DQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wQALDAAYACABAREA/8QAGgAAAgIDAAAAAAAAAAAAAAAABgoE" +
        "DAgJDf/EACcQAAAFAgYCAwEBAAAAAAAAAAECAwUGBAcACAkLERIKUQwTYTEh/9oACAEBAAA/AHzNrj3qLIj4" +
        "HeSO3Vk8w9yozFXaMtqFAsk7VqaRimTIBRAewh6HGeO46b9bp1eaNkAnlg7E3WikkepE0rN6SLZXpKGMY6Yl" +
        "AAAo/uKVFubWx15//OSz1XDvpl/thJ5SzSR0XrkFWuhVWKYpziYBASh+4FNtC2L3UE8IPPjb++9/bXSmMM0b" +
        "dEK9VZ0oVUilKQ4GH/TB+YWK37PySNWbSz1Tb0xrJm8zigjtC+ViVKWPqLlIBAUMAcdMaktlL8qPWg1IdYC0" +
        "kUzYvtwKyL1khpUakr4rUGT6CqUB57/mOoO7Fh4yGkBqc6TlnZPnCZIJWyWsYaRWqO+pU4n7ikUR57/uD/fI" +
        "vGB0dtMzSUvDKMoTHAqGSUbBVq0xmJKnBTuCRhDjoHvFee0tfjvED3NaEt2YuRWfpZqtMUyuJl1m8FxN9odv" +
        "6JR94PdSD4xDbrbyIBX5oGGyVJD14okZ1LUJtgI9frDvzyBQ9YSe1OPkjdwNtnnThlrj15qqGoxBUzYVBJxF" +
        "EC/UPXjjsHH8xF0y/krNwdx8nrdlnkF6KqZIy1UrYKCrkK4GBQevHHYfeP/Z",
      "base64",
    ),
  },
  {
    name: "jpeg-lossless",
    transferSyntax: "1.2.840.10008.1.2.4.57",
    bits: 12,
    ...GREY,
    lossless: true,
    bytes: Buffer.from(
      "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAYACABAREA/8QAHgAAAgIDAQEBAQAAAAAAAAAABwgFBgEDBAIJ" +
        "AA//2gAIAQEABgAA/g//APW36xfUL6MPI1Rfm6eB1GQv5s/LT5M/I75K/Kf5jfPNLFpGmojsW5H0G+mH1b+t" +
        "GeSKjoeEg4CEhIaL4uTRjo7JKUnJuxzs3MSsz29n7Vmu1EfjgXCYWCoYDug1OA4+qWs10IZNKhULBYJhGulp" +
        "m9+nNIGQbAy+rwuS5AQHCMY1GK22S9lU1nNiGLYphz2bi0RrP1x/gfBZf1oVZRlJVBVVsAQhocN02wqG1i2i" +
        "a5t23a5p2POpUuspFZFgJWZS02S9KUsTlUltB40rvbdy4wjRt45Lpus6DfNKxBnv0nD5Ei/KunqSIwi6MJYn" +
        "qwgcXV7pvhnY9sXMd96nqeB0G3ZU4kGVisiNfFUTlIEUQ9F0oTxXAALq33XYzsi2DpO++D3PI6TeM0ayVJwv" +
        "gUgFXE9S5IkbSRLVFWYEjat9d8MLFNY4bvvC8juuS2TJG4gykLkagtblVURNkyTtRFaXYLDeH67gXD+zLYN6" +
        "5bkOK3DMsAYrvJxuaAIgWu6xq4rqvLSvYKE9Jg9trJBiPLJs80bTM8yTBm4k3CTiM1MeiwNBIGAgGBUPDCi1" +
        "aM6pu5kcumQ5HY7nY1Fsk3mxdXJ4iK9UKZSR5Q6BQalU67Da/clN2W43W9EK/wB6vFvtFhkOrmz51etOr3y4" +
        "xo8fs6/effv3t2Y6NnrbnZs07sylgs1vuV0vF0udutcxLdHnih6/UKlTKXQ6VUKrX4WN/Yzab+Ty4ZzecTgY" +
        "i2Sb5Z5Dnh6YPRgHwqEQkFQ6JxxSIDm7/BEKpxYllWeZ9mmUYQ2lS5TvPVB0IgMuK0K+sSzLaCQwNahxSeSS" +
        "cGNaluXCcpwm3aJhDUR53hpwtX9alWUFO06UFUVgAAjpMXL5K7AtI3boO68Tsuc2rPHYlz+mihxelYTpKkgR" +
        "1JE6VFdAoP4mayXGFadx3dex7HsddwmiPJSsnFRAut6mJajqLIijiWqMsgSG8ZL+CuwjUOK7TzPY8rtt60R9" +
        "Kdh46SGFzU5NUjQ9F0eSpR1sBtBiZrJXPDPtu57qO86jjNoyJzJdm5aQIF4VlQktSlIktUBVVwDY/jpjJHNr" +
        "CM+17etw3jVM0fzEQJnRTRgDl2VlTFGURSlXW8ECOlRkjm7lE0Hhh2QZRi2KOpoJNyleWuD0ThABLuta4Liv" +
        "wMEg7qfHJ//Z",
      "base64",
    ),
  },
  {
    name: "jpeg-lossless-sv1",
    transferSyntax: "1.2.840.10008.1.2.4.70",
    bits: 16,
    ...GREY,
    lossless: true,
    bytes: Buffer.from(
      "/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAYACABAREA/8QAIAAAAgICAwEBAQEAAAAAAAAACwwKDQgJAQYH" +
        "BQIAA//aAAgBAQABAAD+tuG1/bQssZl5JacDFG6KIKCQUZEKytkaszqaqpBalFqnqseq9OSyVsYZH5uRNYrX" +
        "MOwTLMytVS2n+bYrtUizkLEMd3Gh8vjuUiQgylMFElriOr1qphqbqp/KsdrR2vz0zBcTGkeckKWHBxWfzrKZ" +
        "tKi17+bQSs0qxuH3FyJZKSse3OLEF6V0Uouv0K3ArGmr06wPrReu40VdRiX6B3vn08c9A2aPJNhtWV1Z7XNh" +
        "c2Au9iObrT2efJBbM46Yo1d/UxkoRDLr6evMa9fQOkbpPIWVAn8HLpkyMy2yqN9jwW/P2EZ+HF5vga52YE9s" +
        "WlmrZwaZh/Ybhe2WC1MRPtTk071RaVdFvkG6MDiv9XkqErjczGc0wtwbh5yc2N3mWix5IGaRvxyFwQjSQVxl" +
        "YjALcD5Beg1gm4dQV8PTiK6d/l7WZYJAQpCYPNdnH+dzu43bdtA2AZfe2dj6NjzhZrt1Xah9NWl7TNp41N61" +
        "sDMWfJePS8n849lO17cFuY5HywF4MsN6Lnoi1y+bZEbU5CMryaNO2n+EFyBk9qbzL5kvbpM3PoYdab43cRaE" +
        "lA0H7fhZ5W215gFYINHURb8UNn8xcmkZiPWMVDKWzHsu7HiwQG8ywk9GQN9/RzBcFYhOAAS5AtJcozqRkmnK" +
        "eq4GFygR6+N7hKo6WzRtyboe8FPNryK7EuHzUCwmlzZhfbYpgohf7VxU+5KcRxea2ormOv0EehSMXpBiWq6T" +
        "CX2ZTXEp7CsKix5bJnsjOxQ3511malzsM+Tu8JAISrkpdqFBXc9bvc1WtV1tar194ljLLwk7T/K6NxtXTxPY" +
        "h1mb2lJandqB2fRZA77g4csQZHz0SAKv7qG6HXXItYjVYt+KlTqj+sBq6UR2laoPLpjl2HYm3x8tsj+0k7Yd" +
        "tsK2f7VOs1GwiXRZkfJnekjw12NNcr92tAKrfqZjmpPaokq++uhEchWeDyaYJeR2VuMfOrJStKu2M7batpW1" +
        "a7NisJp0mZKSavow7xddTTa/MrOqqxqmE5qo2rbK0Xr4hKZWOxHunWWQb4a3Hl+xP7N6tOm1ibVCtC2yRX6R" +
        "xhYoSRPoY/5faUD0LyuA6wEqtDmtNq32r25GSUQ12wXpqmk5mF2YlySfIrENslWy3rKesbCwAXbRrXPIz/O9" +
        "wfAbisQlNoH9c/1rj+EQhGlSylIBakCZD+ddu+0m6eZaBXAp2Xemnwd7ZeEnMNrpYpzAUy7t8TQSevUqqybe" +
        "kHom/KuQsZrfQCkM8NWif4k7UZqRSs2uwdMpDPm0gtEbM6xanci8hByRb9/QrAdEnAvF25Z3V7uRlQ10d9BL" +
        "h9Ry9WnkuUe5CTnM8nwEYyWhNcmaSJINTipZO/DYP9DBXRXFLhKj8hvwz7nNvNDMTKbI/wBh759Prvnfh2Nu" +
        "JWHGFOD+FOFuImMOP/kvUP8AHt3qfvWTOX2ZubH4M/GPS25P4gZL63ee74Tx4oWo6cWQIUDWBeQxoeITuNEg" +
        "gxXdUHy9m8nqc2ShK5mCjNvLdu2htKTIGdTKqzKM1tPcDQQWAlWjlVhSPUPVFxT5V/l3UJyNIjCdZkYkczRT" +
        "CwzqNeDcpzYG78i8ouO7RCdjItbKI9ArlfHVIku1FDQLa+3r+NC8SL1CVajC7QkulTCDFTIU3Fuzz47YAnNn" +
        "aWXZYsL5K4oMfpU3bNF1DKLACWWgSVwnWYtYa1jhWuFeZozalCALHqdDnYHfGvp4HsI6yXLN7//Z",
      "base64",
    ),
  },
  {
    name: "jpeg-lossless-rgb",
    transferSyntax: "1.2.840.10008.1.2.4.70",
    bits: 8,
    samples: 3,
    photometric: "RGB",
    lossless: true,
    bytes: Buffer.from(
      "/9j/wwARCAAYACADABEAAREAAhEA/8QAGwABAQEBAQEBAQAAAAAAAAAAAwAEBQYCAQj/2gAMAwAAAQACAAEA" +
        "AP5//n+enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6erTPfr369+vfr369+vfr369+vfr369+vfr369" +
        "+vfr369+vfr369+vfr369+vfr369+vfr369+vftpnvp76e+nvp76e+nvp76e+nvp76e+nvp76e+nvp76e+nv" +
        "p76e+nvp76e+nvp76e+nvp76e+nvq0z3299vfb3299vfb3299vfb3299vfb3299vfb3299vfb3299vfb3gnv" +
        "t77e+3vt77e+3vt77e+7TPI8jyPI8jyPI8jyPI8jyPI8jyPeDeR5HkeR5HkeR5HkeR5HkeR5HktM8ryvK8ry" +
        "vK8ryvK8ryvK94R5XleV5XleV5XleV5XleV7wjyvK8ryvLaZ5nmeZ5nmeZ5nmeZ5nvCvM8zzPM8zzPM8zzPM" +
        "94V5nmeZ5nmeZ5nmea0zzvO87zvO87zvO873hnned53ned53ned7wzzvO87zvO87zvO94Z53nee0z2h7Q9oe" +
        "0PaHtD2h7w72h7Q9oe0PaHtD2h7w72h7Q9oe0PaHtD2h7w72h7Q9oe0PaHtD2i0z2l7S9pe0vaXtL2l7xD2l" +
        "7S9pe0vaXtL3iHtL2l7S9pe0vaXvEPaXtL2l7S9pe0veIe0vabTPantT2p7U9qe1PeJe1PantT2p7U94l7U9" +
        "qe1PantT2p7xL2p7U9qe1PanvEvantT2p7U9qtM9re1va3tb2t7xT2t7W9re1va3vFPa3tb2t7W9re8U9re1" +
        "va3tb2t7xT2t7W9re1va3vFPa7TPbHtj2x7Y9se8W9se2PbHtj3i3tj2x7Y9se8W9se2PbHtj2x7xb2x7Y9s" +
        "e2PeLe2PbHtj2y0z217a9te2veMe2vbXtr217xj217a9te2veMe2vbXtr217xj217a9te2veMe2vbXtr217x" +
        "j220z257c9ue3PeNe3Pbntz257xr257c9ue8a9ue3Pbntz3jXtz257c9417c9ue3PbnvGvbntz260z297e9v" +
        "e3veOe3vb3t73jnt7297e9457e9ve3vb3vHPb3t7297xz297e9ve8c9ve3vb3vHPb7TPdB7oPdB7x73Qe6D3" +
        "Qe8e90Hug90HvHvdB7oPdB7x73Qe6D3Qe8e90Hug90HvHvdB7oPdB7x73Qe6D3QtM90Xui90XvIPdF7ovdF7" +
        "yD3Re6L3Re8g90Xui90XvIPdF7oveQe6L3Re6L3kHui90Xui95B7ovdF7oveQtM90nuk90nvIvdJ7pPdJ7yL" +
        "3Se6T3kXuk90nuk95F7pPdJ7yL3Se6T3Se8i90nuk95F7pPdJ7pPeRe6T3StM903um903vJPdN7pveSe6b3T" +
        "e6b3knum903vJPdN7pveSe6b3Te6b3knum903vJPdN7pveSe6b3Te6b3krTPdR7qPdR7yb3Ue6j3k3uo91Hv" +
        "JvdR7qPeTe6j3Ue8m91Huo91HvJvdR7qPeTe6j3Ue8m91Huo95N7qPdS0z3Ve6r3Ve8o91Xuq95R7qvdV7yj" +
        "3Ve6r3lHuq91XvKPdV7qveUe6r3Ve8o91Xuq95R7qvdV7yj3Ve6r3lLTPdZ7rPeVe6z3We8q91nus95V7rPd" +
        "Z7yr3We6z3lXus91nvKvdZ7rPeVe6z3We8q91nus95V7rPdZ7yr3WtM913uu95Z7rvdd7yz3Xe673lnuu913" +
        "vLPdd7yz3Xe673lnuu913vLPdd7rveWe673Xe8s913vLPdd7rveW/9k=",
      "base64",
    ),
  },
  {
    name: "jpeg-ls",
    transferSyntax: "1.2.840.10008.1.2.4.80",
    bits: 12,
    ...GREY,
    lossless: true,
    bytes: Buffer.from(
      "/9j/9wALEAAYACABAREA//gADQH//wASAEMBFABA/9oACAEBAAAAAA//WzsHP+Ke/yTWMTzhf2/fklRTi0Fy" +
        "LUVcm5CXPZFRUCpH5HzaFUzq7WnAKCsH4DwRgbAeBMAYvRqi5EqHkKoUgDBOEYGwnAcLgFAOZJYrESI2i0BI" +
        "BSDDePYWwpiGAsCIrTSohOKWEbo1JY3jeHcVx2EwRgRN14XtM6mpWhFACaZdi7TZfGYOwOhxUyDK5iVXUiT1" +
        "2Yc2rs5GCMBJY4CMKRe2IhVAWP912cm3iXB+AUMo/TKwZJudSJfidnVxaWG8G4CxKpK0v4lGqh1AKUvfy6MZ" +
        "4fwrhCEEgW7Ia7ZVCd5Ht28OUY7iGBImo1syme2EQICSz8enJm2KMSwUgFBCIQqMQSETvR9uzPdfiPCOAMEQ" +
        "dDopGQaMoBS3lTKOQ8dYowyghB2I5BivbY7x/j7Leq6PwsuyXHYFicjkuz2ee4+wElhkGLezfSErkF4HR5MF" +
        "0yVOa6XE4EiQTubKO0PYNCSeVq4YzVSugGTCDLcmFHuRP0G4JDStW5bNpoaTlJkqSMUE2kXIDxERq1amIxJI" +
        "QLQH0S5hE4oRS0JYMlkyRSiTyoy2a6yeLohlzTlAMJSa6TCSTEiIA2SWG4QJNvFLaFsEMLW5uaJ0YK1eJic5" +
        "Bk2wqR0DYJZGtsc0VIqQGm1UoisWzIVtDOBbiqtIchxMp5QuCkK1csZJaAsBVm6FIslENoDhkMgEDoWgaCkD" +
        "YCQXBIEQqFjoBQkNAiHQyAQSgeBQWCQDgJaBMB0spjsZhxILgOVLFqUFYrySjamfksCDGhGAcxrXE9a1FBqA" +
        "8vLkXXhpwnA083mQi3OvkiqdXBjnXbkwTACxfzeQbZV6GoMha2ppe2zE4CS5DNRnMLiUC76bCn/78rhMBqCM" +
        "TTgQ5HQugHIubCp8uLC2CRjO+F0jkRLzm/vKj535bE4DWayOXCY2o4gOre2tJ6Z/IYFDKCiusSOgJ2nWVbS6" +
        "jpxeCiqacuoKQn0BWejy+J/eGZhKB5GXn69Lpm9Ubjj0n11ckhUHj5WfoU7I4CywmVLinMByXUFximV69JCV" +
        "krpWTQriqkx3bE9AUxidHknKellAtUymtizmT1kh8KVlW7EIIwvMBpOJgYMzkdRoAoLalfh+FaoIFiE4SREL" +
        "i5r1J5CQY2wZjwclQsFkUj0TFjWCAwqyxNA1GyhIFZmgqHw8ERnoVw2cWHx8JBS+MZwL4iGJ9pAQeIRmBqcC" +
        "FNj//9k=",
      "base64",
    ),
  },
  {
    name: "jpeg-ls-near",
    transferSyntax: "1.2.840.10008.1.2.4.81",
    bits: 12,
    ...GREY,
    lossless: false,
    bytes: Buffer.from(
      "/9j/9wALDAAYACABAREA/9oACAEBAAIAAAAAAAAHMQBElv7eroOOPW5JzE8EYoFQoEp8alL1ckLF1FreyWUY" +
        "VnGcxOKiySHMUmdny4RUSS8rIQX1ea/CiBpssKLdbcpTszoswZGiCVoNeS9O1rSJoTNEiHkkk+lMYJJnBAyc" +
        "RBkBSWt7WGmjDB0osy2WS383ig8aZOkXIImlkp9/Le2e+RYbGmkvRXsYQWe+RegieeJV/2kMqloYthJ5J6fb" +
        "qsqkMWoFR5Flf6qVvslNdlkmRfZR/eL9ZKbK8FBhswDHCq04owQeIFDzhoqDGGQxxZZ4gGR4cKng0Wa2mElg" +
        "o0aCDD4icChRKNPILFizkaEnhY+bPXkhRp54g8QVEBU0XMQzCjjTjkJEkjR8uKZlxBJRRJBYsoaPGzk84ggk" +
        "khNFOENvEmZ1bFOKY5RzLhY9GLYsruSqhSkKTlGVSnKiolUqRqYqMjP+6zhFIaYdGOy9/ZxjMLZWcEIyeT3d" +
        "a7OZKkippHkrzm9xiXS5AmU6ZJL/XuxDnShMm8td5K/+cEPfLESDUdFlkrXs5Bot55LsWJe1KdpCTxb7BURE" +
        "n9L/eO7HEIoOump/J78ki3IImQaTdfVfuTOtazy7CyL7KabxM72GesCRhN8MKl3jihTxIsSNJEXhwJaKeUEB" +
        "hAlFEypsDghaa4kYULGjBhU+FjTjpRpAQUNEJwYbMkjBj+zyRAoSIBSR0udFlJorzRAg1LGEDJc4JfEEFGGG" +
        "mHskjZMwalOJJJMMAP/Z",
      "base64",
    ),
  },
  {
    name: "jpeg-2000",
    transferSyntax: "1.2.840.10008.1.2.4.90",
    bits: 12,
    ...GREY,
    lossless: true,
    bytes: Buffer.from(
      "/0//UQApAAAAAAAgAAAAGAAAAAAAAAAAAAAAIAAAABgAAAAAAAAAAAABCwEB/1IADAACAAEAAgQEAAH/XAAK" +
        "QGBoaHBoaHD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAAKMAAH/k9/h" +
        "JB0du6Te9VEnh+fUdQH65GNYZVgz8kbmU+E0lNm39S/5BNaMiokZRsiqzadi/3KPrcQ02w/L8j9Hd0qp+jWc" +
        "PQUuV8SqhO8/cfHD9jiH7HED8yw2pR8+f/btBTOzRsvXz5gCaM3VPVw/uBLp8zErYeARhJSkmxif8+xcKIyc" +
        "b9q5oAf2KjW8RAPv50q0wR8aujvLOXwtwDywal0E2f86vnzu5vrXBzhX2ht1ZNPS62SVMihSxqO6j7KTRi89" +
        "09TCYHFPgu2M2Zsml6B5wbaYDsQGaBheuIObjtb1VMRje8p/qskA7hSNcbaxSFKZ94fB+dHwfnScAfUwAF+I" +
        "NoX3/O3z8Bwv050wfOg/ZdUaU7aIGzXdt8XG6GebjJnvgGZL3OlPioXPju1XluRv38cCjlcDaX3QYE3n7LWk" +
        "phrKShfHXw5+wxFs5pTVjdGzjqBv4qgwDa9ETJ4AX2yokFvrX26yR4BeV45XvbJ7pVX2921K0Bt2Iw5sW/Qf" +
        "9chutGpECHCCjv4y+Yzpj9TsEdsy330FmMKNcq+yOiJIF8+LCk0+7hSK5+akPyogZdVW68w97jRKdDiqEC0i" +
        "gN+uf7WLKgoNLpJws9uJ/U1P6WXHXqy4oY+wDD30xi3lcosgpKsohvsdILMUlNgwYc5cRoOnwHwxrqmKGdFY" +
        "iNtrep+Y5OIPxOR2JO7niMiv9Q7P9fVDtUu2H1UyyxaefYGfnKfo6VwTghwmPvgW3cP2OrcyZxPD5iTJkc69" +
        "Gdw6NIuncqPk8gmIr39Rlnz9DnQYoge7h9nFTqRmrwV4B4cxgNwTQPRAtcqce2pC7P5rVtIDnPcBhQ7K4JiE" +
        "OB2LVq1//9k=",
      "base64",
    ),
  },
  {
    name: "jpeg-2000-lossy",
    transferSyntax: "1.2.840.10008.1.2.4.91",
    bits: 12,
    ...GREY,
    lossless: false,
    bytes: Buffer.from(
      "/0//UQApAAAAAAAgAAAAGAAAAAAAAAAAAAAAIAAAABgAAAAAAAAAAAABCwEB/1IADAACAAUAAgQEAAD/XAAR" +
        "Qn9ScAVwBXBHd9N303di/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS40/5AACgAAAAAC" +
        "HQAB/5PHwLAX3uuUTL1QAr3mYeoAaqJxlNREl6K1/xPwAaMC8/X/CQaUNp84mjPyPVQ3ET7mDUjPI4x0ASzF" +
        "Wk6HKaAwrjKJLa1uEl6XN72ozh/4edcbGHbY1wSwUU2/gICAgMP5N4fybQH4DwA2pTgRU3we0vyEtoZjIGE3" +
        "ytls4Tu/29xPyk6rjIsSvvJM9V1tK7DC1ryNb+9psqLtezxlg9rvVVDhf9Yc6GUqpplFkv57+FWS5LFZ96YJ" +
        "fFlHpHQDXl/P/2MKxSsydgpqjWDeysg3W4Fu8PTTgtuC7gvZDr7Mb5uutbl6E6Xugi+LgLFi714wnoDNgICA" +
        "gMD82aA/BigB89BAX4g2kPDfzC2CPVqpwS95FzZMXoS0OTTVrg4qw6OSyOnF5ygW6zP6WhRBCSbFEMdmjpXp" +
        "p8JHVsWDuOQQzvNEqW8R5XbZ7QdNQJZDW11n5QMLURS1cZBD2QCgEykvbt80a8+3tgaWjsT0a2EgUQ4HZ+0x" +
        "twUYEuYARPZQ1fAbQYTGrLZwRUbgLvly5eFok0M7KhoKtkanyYRPROOCrio5a4tFs6Os/3xA7x3JRHWjA7/H" +
        "NAwigN3bWKdYctIb/Khp6BQT37N7VXecqfIvObTM6AsiwGsCM1mnb650dz0VZQe0VuxT3dsvAU8qGujsi5ER" +
        "QQcCwo1rxEw1DgmVoeitCrj5UErezHWqv4CAgP/Z",
      "base64",
    ),
  },
  {
    name: "htj2k",
    transferSyntax: "1.2.840.10008.1.2.4.201",
    bits: 12,
    ...GREY,
    lossless: true,
    bytes: Buffer.from(
      "/0//UQApQAAAAAAgAAAAGAAAAAAAAAAAAAAAIAAAABgAAAAAAAAAAAABCwEB/1AACAACAAAABv9SAAwAAgAB" +
        "AAIEBEAB/1wACiBocHBwaGho/2QAFwABT3BlbkpQSCBWZXIgMC4zMS4wLv+QAAoAAAAAAxAAAf+TwAL1EEIg" +
        "AeR8rAG0CK7i9Y4/vLDSCbCKhZhJGdhBM9826/gXslhgcIdFJchq8zPODSfAwOOROCj8blyBnMgC/g/Jp/pS" +
        "9mQRCLWDLBRKQAIKQAKeAMABegwAF6LAAXZAcjYmmhaeaDaJTSmfFVWiI9cxdXUjeRsrZTaEfCR2OJTpilEk" +
        "u2a3aEEoVi/AbbacMYGTDwDVSlSkRhAiAhACngAGAC4cpiAaFhc9FaEl3xEHE4f2ggdeKDxEqPh0keEB8OAH" +
        "gcrA9wdZBCiDiaPEqBeH2QAkVIkBR5ETuTWCEIAfBCBqkwE0CiYyE32jAUcR6+/+NUQWgDyRWoB2ABx8QO+I" +
        "3kCcFrT+CUvmRSIIh0uREuAUaoKQAcAC+toAF9hwAL2YDDmjy4KP+DxruGExvvXnRzAMebwigzVBaHAhTIYY" +
        "L2ggJ0zQFedwDt/xYABhGS/VsW/v98a2GykurKXHFlNpQUPLJG2mkO9Fsgx/vHYpEkrB84iBGDbtwUO1V2Xs" +
        "sjZzUkdp01cSRitVkSGVEhkHBL5XAoYBxiy1UCJW8Nvt9WKN860FGZhh+ASkDQMqUCoCiAAYDWORpx2EjTiQ" +
        "RJA0gJ1IoECAFEACYUPoURZVIssyAFJCvgICGADRquQ6IsTQoLVKHFUxPnE0Lr/lKuDBEvIyK/LBIqQYHiRz" +
        "TmiERupCDgKQfOomCCfpELYfBxHI2ZJAVmAddAHHAtoxKsrrvdYs6c/QMGRTY0yNBkkIwTGLyIhReInWWIUx" +
        "aAAgcAIzgfEBDbxACQQCi5YFZBsOdNCgYcDED0N39PFvkfrGhh01ZtwfGUsI/AGQBShAAl8MYCgRhAkiAYAC" +
        "3i19Yxa+sUkVLJITlJeskhRAGIAZZFGpDLcgGpGqsQNMJ8hSbXTMQX4EaZwEIBAM5JpEIqRxFoxiNvGLIgWA" +
        "EKrncQ8aQEeEXc8IwkwBSG63Uue3SBj5eAAyh0vlFCkkkfBYl/kOubzzO1ye2LpN+/BzY0VfhnwzK1lHmzkj" +
        "W0DzIFkfPwL/2Q==",
      "base64",
    ),
  },
  {
    name: "htj2k-lossy",
    transferSyntax: "1.2.840.10008.1.2.4.203",
    bits: 12,
    ...GREY,
    lossless: false,
    bytes: Buffer.from(
      "/0//UQApQAAAAAAgAAAAGAAAAAAAAAAAAAAAIAAAABgAAAAAAAAAAAABCwEB/1AACAACAAAAI/9SAAwAAgAB" +
        "AAIEBEAA/1wAESJn5lg1WDVYeFAaUBpfv/9kABcAAU9wZW5KUEggVmVyIDAuMzEuMC7/kAAKAAAAAAEiAAH/" +
        "k8AF6YAcYYIOqZ5KbgeaYcwwUK27jl7/COvIaMFugo10uzZI8IJCepRFVTT1f8Giacfq0DBgtXz4gOvMCCkR" +
        "1aH+ARCLVKlQKIxgBAxgap8AwAupgBdXACsAVjOCLFlPiBBrvWN9gDAYOoU/xR0wABJQJq7J/kCw6aWOFhCM" +
        "CBBLPQBA0U6sTH/UbTQQsgOt5K4BGrEGRExzmyOP4AARFSBEUjSey9IzdqNtNjEBCgAp4eYQB6gv8agAwBdT" +
        "AF0kAJgSnoYRcKBCPlFfP5NhmmTHAOJGHEvaeb+REl/TsSn4B6nYpP4QrwtzAWBkEcdN8LAFBCdAJcW8JpqW" +
        "Htb/ccEFOmCJTlgABTpgiU/RAf7/dQJVAP/Z",
      "base64",
    ),
  },
  {
    name: "rle",
    transferSyntax: "1.2.840.10008.1.2.5",
    bits: 12,
    ...GREY,
    lossless: true,
    bytes: Buffer.from(
      "AgAAAEAAAACmAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
        "AAYICQoMDQ4O/g8VDg0MCwoJBwYEAwIBAQAAAQECAwQFBwUICQoLDQ38DgkNDAsKCAcGBAMC+wEEAgMEBgcG" +
        "CAkKCwwNDf4OCw0NDAsKCAcGBQQDAv0BBQIDBAUGBwYICQoKCwwM/g0LDAwLCgkIBwYFBAQD/QIFAwMEBQYH" +
        "BAgICQoK+gsICgoJCAcHBgUF+gQDBQYGB/4I/gn8Cv4JAwgIBwf9BvwF/gb/B/EI8QcACP0H+gb9B/wI+wn8" +
        "CAMIBwYG+AUGBgYHCAgJCfkKAQkJ/wgFCAcGBQQE/AMKBAQFBgcICQoKCwv9DAULCwoKCQgFCAYFBAMD/AIJ" +
        "AwQFBgcICQoLDPsNBAwLCgkIBQgGBQQDAvwBCgIDBAUHCAkKDA0N/Q4FDQ0MCwkIHwgGBQMCAgEAAAEBAgME" +
        "BQYICQsMDQ4ODw8ODg0MCwkIHwgGBQMCAQEAAAEBAgMEBQYICQsMDQ4ODw8ODg0MCwkIBQgGBQQDAvwBCgID" +
        "BAUHCAkKDA0N/Q4FDQ0MCwkIBQgGBQQDA/wCCQMEBAYHCAkKCwz7DQQMCwoJCAUIBwYFBAT8AwkEBAUGBwgJ" +
        "CgoL+wwECwoKCQgDCAcGBv4F/gT+BQgGBgcICAkJCgr9C/4KAAn/CAAI/gf4Bv4H/Qj5Cf0I8QjxB/4I/QkB" +
        "Cgr8CQEICP4H/QYBBQX9Bv4HBAgICQoK+wsJCgoJCQgHBwYFBfsEBAUFBgYHCAgJCQoLDAwNDf4MEwsKCQgH" +
        "BgUEBAMDAgIDAwQEBQYHBggJCgsMDQ3+DhUNDQwLCggHBgUEAwICAQECAgMEBQYHHwBtzxEpDbcWMQGJ0Ny2" +
        "awWUKtKZjbok2dQbpm50pP9nHwFitPIB3oPd+cpUobeYVfmWN+q5uetfEwxP1Z6Zwg5pHwJAdZKKUeM6Uie+" +
        "GEZAHeejYzQhOn/9urfwax0BETx6HwMJDPnEbOkwQCPLQo21wr6yparHAGr9xMPxWe6vj4aPHwDGgTPKRp3U" +
        "48qLJaACT43FAkWfDp9OIyBGkv+LMuusHwFz4Uqh6B4+RTUT14krwVPfa/2eSQXUvLzS/TyQ8l7NHwIYMkpf" +
        "bHmDgH92alpCKxH638azn4+DfXyCjJivwtv2HwO8gUYX6cy8tMLU9iFUkNEQUZDI+xw5RkQ4I/3MmlobHwBk" +
        "107ZeTcNARZElfp3/ZIswFHURJ/b+/vcp1HkZ9Q+HwEaPnDAMcqJe5jgWvOrf15CJwPGbfBOfIBW/XzbGUBi" +
        "HwLbwb3eJKBSPmPBVRgHESxUeI2EXwd8ubyGGHehrJx5HwOvaT45ZM1xWofynoKTxA9gsfASCs5VnKNj4SQw" +
        "FdqNHwCWO/jjA1n74AyHPC9Qnv9q0SVdZDXKFRnWSYB/TP+WHwGUNffc+lfw2Qd9NCtPmf9r1CliazzMHiHc" +
        "UYWFU/yaHwKoXzIoUrdYQW7ej3CHvQ9mufscG+FqsbV39DZDIOKMHwPRsqrABX8tGz2gOQH2BCpbgJydeyef" +
        "3uGrNpC5vKd9HwATKFafCZ9cTGm6M9KQbldGMBfhjxp4ra+AKqP4LFJlHwFcvC2zTALXy98XZdVY74ku0mj0" +
        "b8wNMjMU1XkHfeZGHwKzaCfruJWCeYSexvs2fcoUYqvuJ1NxgoB1Vy/3tWwjHwMPGycyOEFERkE+OC0hFgn4" +
        "7ODVyMG/u7m/w8rX3e36HwBkySZ2tOUCCv7Zp2EOrUjheRrBdDsM+fcJMG22Dm/VHwG7bBalGmyjrpZZ+Hzm" +
        "P4fJDl28NMl9VFJ3vSStSfuzHwIC/OKqS8EFG/ajHHCgtbuxs77jIYwl7ekafg3FoJOQHwM5aIBxNcYbMQui" +
        "AywwEt+gaEA1TZoY19AMhDUVHEV8",
      "base64",
    ),
  },
  {
    name: "rle-rgb",
    transferSyntax: "1.2.840.10008.1.2.5",
    bits: 8,
    samples: 3,
    photometric: "RGB",
    lossless: true,
    bytes: Buffer.from(
      "AwAAAEAAAABYAwAAiAMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
        "AB8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9" +
        "xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGo" +
        "r7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyT" +
        "mqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+" +
        "hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2Jp" +
        "cHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1U" +
        "W2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/" +
        "Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMq" +
        "MTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4V" +
        "HCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8A" +
        "Bw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS" +
        "2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9" +
        "xMvS2R8ABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eEA4QnhEuEb4SThLeE24T/hSOFR4VrhY+Fs" +
        "4XXhfuGH4ZDhmeGi4avhtOG94cbhz+GAH4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6fH4CChIaI" +
        "ioyOkJKUlpianJ6goqSmqKqsrrCytLa4ury+H4CDhomMj5KVmJueoaSnqq2ws7a5vL+ChYiLjpGUl5qdH4CE" +
        "iIyQlJicoKSorLC0uLyAhIiMkJSYnKCkqKywtLi8H4CFio+UmZ6jqK2yt7yBhouQlZqfpKmus7i9goeMkZab" +
        "H4CGjJKYnqSqsLa8goiOlJqgpqyyuL6EipCWnKKorrS6H4CHjpWco6qxuL+GjZSboqmwt76FjJOaoaivtr2E" +
        "i5KZH4CIkJigqLC4gIiQmKCosLiAiJCYoKiwuICIkJigqLC4H4CJkpukrba/iJGao6y1voeQmaKrtL2Gj5ih" +
        "qrO8hY6XH4CKlJ6osryGkJqkrriCjJagqrS+iJKcprC6hI6Yoqy2H4CLlqGst4KNmKOuuYSPmqWwu4aRnKey" +
        "vYiTnqm0v4qVH4CMmKSwvIiUoKy4hJCcqLSAjJiksLyIlKCsuISQnKi0H4CNmqe0gY6bqLWCj5yptoOQnaq3" +
        "hJGeq7iFkp+suYaTH4COnKq4hpSisL6Mmqi2hJKgrryKmKa0gpCerLqIlqSyH4CPnq28i5qpuIeWpbSDkqGw" +
        "v46drLuKmai3hpWks4KRH4CQoLCAkKCwgJCgsICQoLCAkKCwgJCgsICQoLCAkKCwH4CRorOElaa3iJmqu4yd" +
        "rr+QobKDlKW2h5ipuoucrb6PH4CSpLaImqy+kKK0hpiqvI6gsoSWqLqMnrCClKa4ipyuH4CTprmMn7KFmKu+" +
        "kaS3ip2wg5apvI+itYibroGUp7qNH4CUqLyQpLiMoLSInLCEmKyAlKi8kKS4jKC0iJywhJisH4CVqr+Uqb6T" +
        "qL2Sp7yRpruQpbqPpLmOo7iNoreMobaLH4CWrIKYroSasIacsoietIqgtoyiuI6kupCmvJKovpSqH4CXroWc" +
        "s4qhuI+mvZSrgpmwh561jKO6kai/lq2Em7KJAA==",
      "base64",
    ),
  },
];
